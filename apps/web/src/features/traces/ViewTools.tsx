import type { ReactNode } from 'react';
import { Choice } from '../../ui/Choice.tsx';
import { Button, Kbd, Segmented } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { CopyLink } from './CopyLink.tsx';
import styles from './explorer.module.css';
import type { ExplorerView } from './url.ts';

interface Props<Look extends string> {
  readonly view: ExplorerView;
  readonly look: Look;
  readonly looks: readonly { readonly value: Look; readonly text: string }[];
  readonly onLook: (look: Look) => void;
  readonly narrow: boolean;
  readonly facets: { readonly shown: boolean; readonly chosen: number };
  readonly onFacets: () => void;
  readonly onPause: () => void;
}

/** How the matching spans are looked at, and whether new ones come in. */
export function ViewTools<Look extends string>(props: Props<Look>): ReactNode {
  const { view, look, looks, facets } = props;
  return (
    <div className={styles['tools']}>
      <Button
        look="ghost"
        pressed={facets.shown}
        data-testid="facets-toggle"
        onClick={props.onFacets}
      >
        <Icon name="filter" size={14} />
        Facets
        {facets.chosen === 0 ? null : <b>{facets.chosen}</b>}
      </Button>
      {props.narrow ? (
        <Choice
          label="View"
          hideLabel
          value={look}
          options={looks}
          testId="view-switch"
          onChange={props.onLook}
        />
      ) : (
        <Segmented
          label="View"
          value={look}
          options={looks}
          testId="view-switch"
          onChange={props.onLook}
        />
      )}
      <span className={styles['spacer']} />
      <CopyLink range={view.range} />
      {view.live ? (
        <Button onClick={props.onPause} pressed={view.paused} data-testid="pause">
          <Icon name={view.paused ? 'play' : 'pause'} size={14} />
          {view.paused ? 'Resume' : 'Pause'}
          <Kbd>Space</Kbd>
        </Button>
      ) : null}
    </div>
  );
}
