import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { searchSpans } from '../../data/api.ts';
import { useSystem } from '../../data/queries.ts';
import type { UrlChange } from '../../data/url.ts';
import { Button, buttonClass, Chip } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import { EmptyRegion } from '../../ui/States.tsx';
import { type TimeRange, widenRange } from '../../ui/time-range.ts';
import { composeQuery, relaxations } from './compose-query.ts';
import styles from './explorer.module.css';
import type { ExplorerView } from './url.ts';

const PROBE = 100;

interface Probe {
  readonly label: string;
  readonly query: string;
  readonly range: TimeRange;
  readonly change: UrlChange;
}

/** Nothing matched: tells which single clause, limit or range hides the most, and takes it out on request. */
export function EmptyResults({
  view,
  onChange,
}: {
  readonly view: ExplorerView;
  readonly onChange: (change: UrlChange) => void;
}): ReactNode {
  const system = useSystem(5000);
  const probes = probesOf(view);
  const answers = useQueries({
    queries: probes.map((probe) => ({
      queryKey: ['relaxed', probe.query, probe.range.from, probe.range.to],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        searchSpans(
          {
            data: {
              type: 'search_request' as const,
              attributes: {
                filter: { query: probe.query, from: probe.range.from, to: probe.range.to },
                page: { limit: PROBE },
              },
            },
          },
          signal,
        ),
      staleTime: 10_000,
      retry: false,
    })),
  });
  const stored = Math.max(system.data?.spans.stored ?? 0, system.data?.spans.received ?? 0);
  if (system.data !== undefined && stored === 0) {
    return (
      <EmptyRegion
        icon="plus"
        title="No span has ever arrived"
        testId="empty-never"
        actions={
          <Link to="/setup" className={buttonClass('primary')}>
            Send the first trace
          </Link>
        }
      >
        Point a tracer here, or send one span from a shell. This page fills as soon as it does.
      </EmptyRegion>
    );
  }
  const helpful = probes
    .map((probe, i) => ({ probe, found: answers[i]?.data?.data.length ?? 0 }))
    .filter(({ found }) => found > 0)
    .toSorted((a, b) => b.found - a.found);
  const searching = answers.some((answer) => answer.isPending);
  return (
    <EmptyRegion
      icon="filter"
      title="Nothing matches"
      testId="empty-no-match"
      actions={helpful.slice(0, 4).map(({ probe, found }) => (
        <Button key={probe.label} onClick={() => onChange(probe.change)}>
          Without <Chip className={styles['clause'] ?? ''}>{probe.label}</Chip>{' '}
          {found === PROBE ? `${PROBE} or more` : formatCount(found)}
        </Button>
      ))}
    >
      {searching
        ? 'Looking for the clause that removed the last results…'
        : helpful.length > 0
          ? 'Taking out any one of these brings results back.'
          : probes.length === 0
            ? 'No span started in this range.'
            : 'No single clause is to blame; several of them exclude everything together.'}
    </EmptyRegion>
  );
}

function probesOf(view: ExplorerView): readonly Probe[] {
  const { q, scope, env, range } = view;
  const probes: Probe[] = relaxations(q)
    .slice(0, 6)
    .map(({ clause, without }) => ({
      label: clause,
      query: composeQuery(without, scope, env),
      range,
      change: { q: without },
    }));
  if (env !== undefined)
    probes.push({
      label: `env ${env}`,
      query: composeQuery(q, scope, undefined),
      range,
      change: { env: undefined },
    });
  if (scope !== 'all') {
    probes.push({
      label: `${scope} spans only`,
      query: composeQuery(q, 'all', env),
      range,
      change: { spanScope: undefined },
    });
  }
  const day: TimeRange = { from: 'now-1d', to: 'now' };
  const wider = view.live ? day : widenRange(range, Date.now());
  probes.push({
    label: view.live ? 'the past 15 minutes only' : 'this time range only',
    query: composeQuery(q, scope, env),
    range: wider,
    change: { from: wider.from, to: wider.to },
  });
  return probes;
}
