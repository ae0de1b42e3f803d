import type { XRayCost, XRayCounts, XRayRegionStatus } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { Dot } from '../../ui/controls.tsx';
import { formatCount, formatShare, formatUsd } from '../../ui/format.ts';
import { Panel, PanelTable } from '../../ui/Panels.tsx';
import { When } from '../../ui/When.tsx';
import { traceStates } from './region-words.ts';
import styles from './xray.module.css';

interface Props {
  readonly region: XRayRegionStatus;
  readonly now: number;
}

const COUNTS: readonly (readonly [key: keyof XRayCounts, words: string, why?: string])[] = [
  ['listed', 'Summaries listed'],
  ['scanned', 'Traces scanned', 'What AWS charges listing by'],
  ['fetched', 'Traces fetched', 'Each time counted'],
  ['written', 'Traces written, new'],
  ['rewritten', 'Traces written again', 'They had grown since'],
  ['segments', 'Segments'],
  ['spans', 'Spans'],
  ['duplicates', 'Brought by another region', 'Another account’s region had them already'],
  ['unprocessed', 'Left unprocessed', 'AWS answered without them; asked for again'],
  ['missing', 'Given up', 'AWS never returned them'],
  ['limit_exceeded', 'Cut by X-Ray', 'Larger than X-Ray keeps'],
  ['throttled', 'Throttled calls'],
  ['errors', 'Failed calls'],
];

/** What was read, by which calls, how far, and what it costs. */
export function RegionFigures({ region, now }: Props): ReactNode {
  return (
    <div className={styles['grid']}>
      <PanelTable
        title="Since the server started"
        columns={[['What'], ['Count', true]]}
        rows={COUNTS.map(([key, words, why]) => [
          <span key="words" title={why}>
            {words}
          </span>,
          formatCount(region.counts[key]),
        ])}
      />
      <div className={styles['stack']}>
        <CostPanel cost={region.cost} />
        <PanelTable
          title="Calls"
          columns={[['Operation'], ['Calls', true]]}
          empty="No call has been made yet."
          rows={Object.entries(region.calls)
            .toSorted(([, a], [, b]) => b - a)
            .map(([operation, calls]) => [
              <span key="operation" className="mono">
                {operation}
              </span>,
              formatCount(calls),
            ])}
        />
        <Panel title="Rate after throttling">
          <p className={styles['note']}>
            {region.rates.list.toFixed(1)} listing and {region.rates.fetch.toFixed(1)} fetching
            calls a second
          </p>
        </Panel>
      </div>
      <div className={styles['stack']}>
        <PanelTable
          title="Sweeps"
          columns={[['Sweep'], ['Listed up to', true], ['Last run', true]]}
          rows={region.sweeps.map((sweep) => [
            <span key="name" className="row" style={{ gap: 7 }}>
              <Dot state={sweep.running ? 'ok' : 'idle'} />
              {sweep.name}
              <span className="faint">{sweep.running ? 'running' : ''}</span>
            </span>,
            sweep.checkpoint === null ? '–' : <When key="to" at={sweep.checkpoint} now={now} />,
            sweep.last_run === null ? '–' : <When key="run" at={sweep.last_run} now={now} />,
          ])}
        />
        <PanelTable
          title="Traces by state"
          columns={[['State'], ['Traces', true]]}
          empty="No trace has been listed yet."
          rows={traceStates(region.traces).map(([state, count]) => [state, formatCount(count)])}
        />
      </div>
    </div>
  );
}

function CostPanel({ cost }: { readonly cost: XRayCost }): ReactNode {
  const { budget_usd: budget, estimated_usd: spent } = cost;
  const share = budget === null || budget <= 0 ? undefined : Math.min(1, spent / budget);
  return (
    <Panel title={`Cost of reading, ${cost.month}`} testId="xray-cost">
      <div className={styles['note']}>
        <p>
          <span className="strong">{formatUsd(spent)}</span>{' '}
          {budget === null ? (
            <span className="faint">estimated, no budget set</span>
          ) : (
            <span className="faint">
              of {formatUsd(budget)}, {formatShare(spent, budget)}
            </span>
          )}
        </p>
        {share === undefined ? null : (
          <div
            className={styles['meter']}
            role="meter"
            aria-label="Share of the budget used"
            aria-valuenow={Math.round(share * 100)}
            aria-valuemin={0}
            aria-valuemax={100}
            data-state={share >= 1 ? 'over' : share >= 0.8 ? 'near' : 'fine'}
          >
            <i style={{ width: `${share * 100}%` }} />
          </div>
        )}
        <p className="faint">
          {formatCount(cost.scanned)} scanned, {formatCount(cost.retrieved)} retrieved
        </p>
      </div>
    </Panel>
  );
}
