import { type KeyboardEvent, memo, type ReactNode, useState } from 'react';
import { facetSelection } from '../../../data/facet-clauses.ts';
import { Button } from '../../../ui/controls.tsx';
import { Icon } from '../../../ui/Icon.tsx';
import { KeyInput } from '../../../ui/KeyInput.tsx';
import { readFlags, readTexts, useRemembered } from '../../../ui/use-remembered.ts';
import { DurationFacet } from './DurationFacet.tsx';
import { type FacetEntry, facetGroups, findFacet, OWN_GROUP } from './facet-list.ts';
import { FacetValues } from './FacetValues.tsx';
import styles from './facets.module.css';
import type { RailContext } from './rail-context.ts';
import { walkRail } from './walk.ts';

interface Props {
  readonly context: RailContext;
  /** Attributes seen in the loaded spans, with their sigil, to add as facets. */
  readonly knownKeys: readonly string[];
  /** Over the list instead of beside it. */
  readonly over: boolean;
  readonly onClose: () => void;
}

/**
 * What the matching spans are made of, and a way to narrow them without typing. Drawn again when what it shows may differ,
 * not with each row that a live list takes in; its callbacks work the same whenever they were made.
 */
export const FacetRail = memo(Rail, isSame);

function isSame(before: Props, after: Props): boolean {
  return (
    before.context.view === after.context.view &&
    before.context.refreshMs === after.context.refreshMs &&
    before.knownKeys === after.knownKeys &&
    before.over === after.over
  );
}

function Rail({ context, knownKeys, over, onClose }: Props): ReactNode {
  const [open, setOpen] = useRemembered('facets.open', readFlags);
  const [added, setAdded] = useRemembered('facets.added', readTexts);
  const [search, setSearch] = useState('');
  const text = search.trim().toLowerCase();
  const groups = facetGroups(added);
  return (
    <nav
      className={styles['rail']}
      aria-label="Facets"
      data-over={over}
      data-facet-rail
      data-testid="facet-rail"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !over || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      {over ? (
        <div className={styles['over']}>
          <b className="medium">Facets</b>
          <button
            type="button"
            className={styles['remove']}
            aria-label="Close the facets"
            onClick={onClose}
          >
            <Icon name="x" size={14} />
          </button>
        </div>
      ) : null}
      <div className={styles['find']}>
        <Icon name="search" size={14} />
        <input
          type="search"
          aria-label="Find a facet or value"
          placeholder="Find facet or value"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || search === '') return;
            event.preventDefault();
            setSearch('');
          }}
        />
      </div>
      {groups.map((group) => {
        const facets = group.facets.filter(
          (facet) =>
            text === '' ||
            isNamed(facet, text) ||
            // A value is looked for where values are already counted: opening all would ask for everything.
            isOpen(facet, open, context),
        );
        if (facets.length === 0) return null;
        return (
          <section key={group.title} aria-label={group.title}>
            <h2 className={styles['groupTitle']}>{group.title}</h2>
            {facets.map((facet) => (
              <Facet
                key={facet.key}
                facet={facet}
                context={context}
                search={isNamed(facet, text) ? '' : search}
                open={isOpen(facet, open, context) || (text !== '' && isNamed(facet, text))}
                onToggle={(now) => setOpen({ ...open, [facet.key]: now })}
                onRemove={
                  group.title === OWN_GROUP
                    ? () => setAdded(added.filter((key) => key !== facet.key))
                    : undefined
                }
              />
            ))}
          </section>
        );
      })}
      <AddFacet
        knownKeys={knownKeys}
        onAdd={(key) => {
          const known = findFacet(key, added);
          if (known === undefined) setAdded([...added, key]);
          else setOpen({ ...open, [known.key]: true });
        }}
      />
    </nav>
  );
}

function isNamed(facet: FacetEntry, text: string): boolean {
  return (
    text !== '' &&
    (facet.title.toLowerCase().includes(text) || facet.key.toLowerCase().includes(text))
  );
}

/** As it was left, else as it comes; open in any case where the query says something of it that nobody folded away. */
function isOpen(
  facet: FacetEntry,
  open: Readonly<Record<string, boolean>>,
  { view }: RailContext,
): boolean {
  const left = open[facet.key];
  if (left !== undefined) return left;
  if (facet.open) return true;
  const { included, excluded } = facetSelection(view.q, facet.key);
  return included.length + excluded.length > 0;
}

interface FacetProps {
  readonly facet: FacetEntry;
  readonly context: RailContext;
  readonly search: string;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  readonly onRemove: (() => void) | undefined;
}

function Facet({ facet, context, search, open, onToggle, onRemove }: FacetProps): ReactNode {
  const { included, excluded } = facetSelection(context.view.q, facet.key);
  const chosen = included.length + excluded.length;
  return (
    <div className={styles['facet']}>
      <div className={styles['head']}>
        <button
          type="button"
          className={styles['title']}
          aria-expanded={open}
          data-facet-title
          data-testid={`facet-${facet.key}`}
          title={facet.key}
          onClick={() => onToggle(!open)}
          onKeyDown={(event) => onTitleKey(event, onToggle)}
        >
          <Icon name={open ? 'down' : 'right'} size={12} />
          {facet.title}
          {chosen > 0 ? <span className={styles['chosen']}>{chosen}</span> : null}
        </button>
        {onRemove === undefined ? null : (
          <button
            type="button"
            className={styles['remove']}
            aria-label={`Remove the facet ${facet.title}`}
            onClick={onRemove}
          >
            <Icon name="x" size={12} />
          </button>
        )}
      </div>
      {!open ? null : facet.shape === 'duration' ? (
        <DurationFacet context={context} />
      ) : (
        <FacetValues facet={facet} context={context} search={search} />
      )}
    </div>
  );
}

function onTitleKey(
  event: KeyboardEvent<HTMLButtonElement>,
  onToggle: (open: boolean) => void,
): void {
  switch (event.key) {
    case 'ArrowRight':
      onToggle(true);
      break;
    case 'ArrowLeft':
      onToggle(false);
      break;
    case ' ':
    case 'Enter':
      onToggle(event.currentTarget.getAttribute('aria-expanded') !== 'true');
      break;
    case 'ArrowDown':
    case 'ArrowUp':
      walkRail(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1);
      break;
    default:
      return;
  }
  event.preventDefault();
}

interface AddProps {
  readonly knownKeys: readonly string[];
  readonly onAdd: (key: string) => void;
}

function AddFacet({ knownKeys, onAdd }: AddProps): ReactNode {
  const [asking, setAsking] = useState(false);
  return (
    <div className={styles['add']}>
      {asking ? (
        <KeyInput
          label="Key of the facet"
          placeholder="@customer.id"
          keys={knownKeys}
          autoFocus
          onChoose={onAdd}
          onLeave={() => setAsking(false)}
        />
      ) : (
        <Button look="ghost" onClick={() => setAsking(true)} data-testid="add-facet">
          <Icon name="plus" size={12} />
          Add a facet
        </Button>
      )}
    </div>
  );
}
