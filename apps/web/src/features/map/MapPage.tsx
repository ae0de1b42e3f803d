import { type ReactNode, useMemo, useRef } from 'react';
import { useServiceMap } from '../../data/services.ts';
import { useUrl } from '../../data/url.ts';
import { Button, Check, Kbd } from '../../ui/controls.tsx';
import { CoverageNotice } from '../../ui/CoverageNotice.tsx';
import { formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { EmptyRegion, ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { LIVE, readRange } from '../../ui/time-range.ts';
import { useKeys } from '../../ui/use-keys.ts';
import { MapCanvas } from './MapCanvas.tsx';
import styles from './map.module.css';
import { shownMap } from './map-view.ts';
import { NodePanel } from './NodePanel.tsx';
import { useLayout } from './use-layout.ts';

/** Which service calls which: callers left, what they call right, with requests, errors and times. */
export function MapPage(): ReactNode {
  const [params, setUrl] = useUrl();
  const input = useRef<HTMLInputElement>(null);
  const answer = useServiceMap(params.env, readRange(params.from, params.to, LIVE));
  const text = params.q ?? '';
  const inferred = params.tab !== 'observed';
  const map = answer.data;
  const shown = useMemo(
    () => (map === undefined ? undefined : shownMap(map, { text, inferred })),
    [map, text, inferred],
  );
  const layout = useLayout(shown);
  const selected = params.panel;
  const select = (id: string | undefined): void => setUrl({ panel: id }, { push: true });
  useKeys({
    f: () => input.current?.focus(),
    Escape: () => (selected === undefined ? false : select(undefined)),
  });
  if (map === undefined || shown === undefined) {
    return answer.isError ? (
      <ErrorRegion
        title="Could not draw the service map"
        error={answer.error}
        onRetry={() => void answer.refetch()}
      />
    ) : (
      <SkeletonRows />
    );
  }
  const node = map.nodes.find(({ id }) => id === selected);
  return (
    <div className={styles['page']} data-testid="map-page" aria-busy={answer.isPlaceholderData}>
      <div className={styles['tools']}>
        <label className={styles['filter']}>
          <Icon name="search" size={14} />
          <input
            ref={input}
            value={text}
            onChange={(event) => setUrl({ q: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
            placeholder="Filter, fuzzy"
            aria-label="Filter the map by name"
            data-testid="map-filter"
            spellCheck={false}
          />
          <Kbd>f</Kbd>
        </label>
        <Check
          checked={inferred}
          onChange={(on) => setUrl({ tab: on ? undefined : 'observed' })}
          testId="map-inferred"
        >
          Inferred
        </Check>
        <span className="grow" />
        <span className="faint" role="status" data-testid="map-counts">
          {formatPlural(shown.nodes.length, 'node')}, {formatPlural(shown.edges.length, 'edge')},{' '}
          {shown.hidden === 0 ? 'none' : shown.hidden} hidden
        </span>
      </div>
      <CoverageNotice coverage={map.coverage} />
      {answer.isError ? (
        <p className={styles['stale']} role="status">
          <Icon name="warning" size={14} />
          {answer.error.message} The figures are of the last answer.
        </p>
      ) : null}
      <div className={styles['body']}>
        {map.nodes.length === 0 ? (
          <EmptyRegion
            icon="map"
            title="No service took a request in this range"
            testId="map-empty"
            actions={
              <Button onClick={() => setUrl({ from: 'now-1d', to: 'now', env: undefined })}>
                Look through the past day, all environments
              </Button>
            }
          >
            Services are drawn as soon as a span enters them, and calls as soon as both ends are
            known.
          </EmptyRegion>
        ) : shown.nodes.length === 0 ? (
          <EmptyRegion
            icon="filter"
            title="Nothing on the map matches"
            testId="map-no-match"
            actions={
              <Button onClick={() => setUrl({ q: undefined, tab: undefined })}>
                Show all {map.nodes.length}
              </Button>
            }
          >
            No name has the letters of “{text}” in this order
            {inferred ? '' : ', among those that are not inferred'}.
          </EmptyRegion>
        ) : layout === undefined ? (
          <SkeletonRows />
        ) : (
          <MapCanvas layout={layout} shown={shown} selected={node?.id} onSelect={select} />
        )}
        {node === undefined ? null : (
          <NodePanel
            key={node.id}
            node={node}
            map={map}
            params={params}
            onSelect={select}
            onClose={() => select(undefined)}
          />
        )}
      </div>
    </div>
  );
}
