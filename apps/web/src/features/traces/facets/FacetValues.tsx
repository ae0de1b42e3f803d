import { type KeyboardEvent, type ReactNode, useDeferredValue, useState } from 'react';
import { useAggregate } from '../../../data/aggregate.ts';
import {
  facetSelection,
  type FacetSelection,
  withOnly,
  withSelection,
  withValueLike,
} from '../../../data/facet-clauses.ts';
import { Swatch } from '../../../ui/controls.tsx';
import { formatCount, formatPlural } from '../../../ui/format.ts';
import type { FacetEntry } from './facet-list.ts';
import {
  type FacetValue,
  facetValues,
  shownValues,
  toggled,
  toggledExclusion,
} from './facet-values.ts';
import styles from './facets.module.css';
import { countedQuery, type RailContext } from './rail-context.ts';
import { walkRail } from './walk.ts';

const FIRST = 7;
/** More than these are found by searching, never by scrolling. */
const LIMIT = 100;

interface Props {
  readonly facet: FacetEntry;
  readonly context: RailContext;
  /** What is looked for in the rail; '' where the facet's own name was found. */
  readonly search: string;
}

/** The values of one facet with their counts, to ask for, to leave out, or to have alone. */
export function FacetValues({ facet, context, search }: Props): ReactNode {
  const { view, onQuery, refreshMs } = context;
  const [all, setAll] = useState(false);
  const base = countedQuery(view, facet.key);
  const looked = useDeferredValue(search.trim());
  const counted = useAggregate(
    {
      query: base ?? '*',
      range: view.range,
      compute: [{ aggregation: 'count' }],
      groupBy: [{ facet: facet.key, limit: LIMIT + 1 }],
    },
    { enabled: base !== undefined, refreshMs },
  );
  const isLong = (counted.data?.buckets.length ?? 0) > LIMIT;
  const found = useAggregate(
    {
      query: (looked === '' ? undefined : withValueLike(base ?? '', facet.key, looked)) ?? '*',
      range: view.range,
      compute: [{ aggregation: 'count' }],
      groupBy: [{ facet: facet.key, limit: LIMIT }],
    },
    { enabled: isLong && looked !== '' && base !== undefined },
  );
  // The environment of the header is chosen too, until the rail changes it.
  const typed = facetSelection(view.q, facet.key);
  const fromHeader = facet.key === 'env' && view.env !== undefined;
  const selection: FacetSelection =
    fromHeader && typed.included.length === 0 ? { ...typed, included: [view.env] } : typed;

  const change = (next: string | undefined): void => {
    if (next !== undefined) onQuery(next, !fromHeader);
  };
  const choose = (next: FacetSelection): void => change(withSelection(view.q, facet.key, next));
  const only = (value: string): void => {
    const isAlone = selection.included.length === 1 && selection.included[0] === value;
    if (isAlone) choose({ ...selection, included: [] });
    else change(withOnly(view.q, facet.key, value));
  };

  if (base === undefined) return <p className={styles['note']}>The query cannot be read yet</p>;
  if (counted.isPending) return <Skeleton />;
  if (counted.isError && counted.data === undefined) {
    return (
      <p className={styles['note']} role="alert">
        {counted.error.message}{' '}
        <button type="button" className="link" onClick={() => void counted.refetch()}>
          Retry
        </button>
      </p>
    );
  }
  const searched = isLong && looked !== '' && found.data !== undefined;
  const values = facetValues((searched ? found : counted).data.buckets.slice(0, LIMIT), selection);
  const shown = shownValues(values, { limit: all ? LIMIT : FIRST, search: searched ? '' : search });
  const hidden = values.length - shown.length;
  if (values.length === 0) return <p className={styles['note']}>No values in this range</p>;
  if (shown.length === 0) return <p className={styles['note']}>No value contains “{search}”</p>;
  return (
    <>
      <ul
        aria-label={facet.title}
        data-testid={`facet-values-${facet.key}`}
        data-stale={counted.isPlaceholderData}
        onKeyDown={(event) =>
          onValueKey(event, {
            toggle: (value) => choose(toggled(selection, value)),
            exclude: (value) => choose(toggledExclusion(selection, value)),
            only,
          })
        }
      >
        {shown.map((value) => (
          <ValueRow
            key={value.value}
            facet={facet}
            value={value}
            onToggle={() => choose(toggled(selection, value.value))}
            onExclude={() => choose(toggledExclusion(selection, value.value))}
            onOnly={() => only(value.value)}
          />
        ))}
      </ul>
      {search === '' && (hidden > 0 || all) && values.length > FIRST ? (
        <button type="button" className={styles['more']} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show ${hidden} more`}
        </button>
      ) : null}
      {isLong && search === '' ? (
        <p className={styles['note']}>The {LIMIT} most frequent; search finds others</p>
      ) : null}
      {selection.other ? (
        <p className={styles['note']}>The query limits it further by a pattern or range</p>
      ) : null}
    </>
  );
}

interface RowProps {
  readonly facet: FacetEntry;
  readonly value: FacetValue;
  readonly onToggle: () => void;
  readonly onExclude: () => void;
  readonly onOnly: () => void;
}

const CHECKED = { included: true, excluded: 'mixed', none: false } as const;

function ValueRow({ facet, value, onToggle, onExclude, onOnly }: RowProps): ReactNode {
  const name = facet.names?.[value.value] ?? value.value;
  const { count, choice } = value;
  return (
    <li className={styles['value']}>
      <button
        type="button"
        role="checkbox"
        aria-checked={CHECKED[choice]}
        aria-label={`${name}${choice === 'excluded' ? ', excluded' : ''}, ${count === undefined ? 'not counted' : formatPlural(count, 'span')}`}
        className={styles['box']}
        data-choice={choice}
        data-value={value.value}
        title={value.value}
        onClick={onToggle}
      >
        <i />
        {facet.key === 'service' ? <Swatch name={value.value} /> : null}
        <span className="ell">{name}</span>
        <span className={styles['count']}>{count === undefined ? '–' : formatCount(count)}</span>
      </button>
      {/* Keys do the same from the row itself, so these need no stop of their own. */}
      <span className={styles['actions']}>
        <button
          type="button"
          tabIndex={-1}
          className={styles['action']}
          aria-label={`Only ${name}`}
          onClick={onOnly}
        >
          only
        </button>
        <button
          type="button"
          tabIndex={-1}
          className={styles['action']}
          aria-label={choice === 'excluded' ? `Let ${name} in again` : `Leave out ${name}`}
          onClick={onExclude}
        >
          {choice === 'excluded' ? 'let in' : 'not'}
        </button>
      </span>
    </li>
  );
}

interface ValueActions {
  readonly toggle: (value: string) => void;
  readonly exclude: (value: string) => void;
  readonly only: (value: string) => void;
}

/** Space asks for the value, `x` leaves it out, `f` has it alone; arrows walk. */
function onValueKey(event: KeyboardEvent<HTMLElement>, actions: ValueActions): void {
  const box = (event.target as HTMLElement).closest<HTMLElement>('[data-value]');
  if (box === null || event.ctrlKey || event.altKey || event.metaKey) return;
  const value = box.dataset['value'] ?? '';
  switch (event.key) {
    case ' ':
    case 'Enter':
      actions.toggle(value);
      break;
    case 'x':
      actions.exclude(value);
      break;
    case 'f':
      actions.only(value);
      break;
    case 'ArrowDown':
    case 'ArrowUp':
      walkRail(box, event.key === 'ArrowDown' ? 1 : -1);
      break;
    default:
      return;
  }
  // The page binds some of these keys for its list.
  event.preventDefault();
}

function Skeleton(): ReactNode {
  return (
    <div role="status" aria-label="Loading">
      {[78, 61, 70, 52].map((width) => (
        <div key={width} className={styles['skeleton']} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
