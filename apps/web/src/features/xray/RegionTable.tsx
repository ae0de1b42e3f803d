import type { XRayRegionStatus } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { Dot } from '../../ui/controls.tsx';
import { formatCount, formatSeconds, formatUsd } from '../../ui/format.ts';
import { useNow } from '../../ui/use-now.ts';
import { When } from '../../ui/When.tsx';
import { modeWords, regionKey, stateWords } from './region-words.ts';
import styles from './xray.module.css';

interface Props {
  readonly regions: readonly XRayRegionStatus[];
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
}

const COLUMNS: readonly (readonly [name: string, numeric: boolean])[] = [
  ['Account and region', false],
  ['State', false],
  ['Read by', false],
  ['Behind', true],
  ['Listed', true],
  ['Fetched', true],
  ['Spans', true],
  ['Throttled', true],
  ['Errors', true],
  ['This month', true],
  ['Next poll', true],
];

/** One line per account and region; a line opens its details below. */
export function RegionTable({ regions, selected, onSelect }: Props): ReactNode {
  const now = useNow(1_000);
  return (
    <div className={styles['scroll']} tabIndex={0} role="region" aria-label="Accounts and regions">
      <table className={styles['regions']}>
        <thead>
          <tr>
            {COLUMNS.map(([name, numeric]) => (
              <th key={name} scope="col" className={numeric ? 'num' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {regions.map((region) => {
            const key = regionKey(region);
            const state = stateWords(region);
            const { counts, cost } = region;
            return (
              <tr
                key={key}
                data-testid="xray-region"
                data-selected={key === selected}
                onClick={() => onSelect(key)}
              >
                <th scope="row">
                  <button type="button" aria-pressed={key === selected}>
                    <span className="mono">{region.account}</span>{' '}
                    <span className="medium">{region.region}</span>
                    {region.env === null ? null : <span className="faint"> {region.env}</span>}
                  </button>
                </th>
                <td title={region.problem?.message}>
                  <span className="row" style={{ gap: 7 }}>
                    <Dot state={state.dot} />
                    <span
                      className={
                        state.dot === 'error' ? 'err' : state.dot === 'warn' ? 'warn' : undefined
                      }
                    >
                      {state.words}
                    </span>
                  </span>
                </td>
                <td className="soft">{modeWords(region.mode)}</td>
                <td className="num">
                  {region.lag_seconds === null ? '–' : formatSeconds(region.lag_seconds)}
                </td>
                <td className="num">{formatCount(counts.listed)}</td>
                <td className="num">{formatCount(counts.fetched)}</td>
                <td className="num">{formatCount(counts.spans)}</td>
                <td className={`num ${counts.throttled > 0 ? 'warn' : 'faint'}`}>
                  {formatCount(counts.throttled)}
                </td>
                <td className={`num ${counts.errors > 0 ? 'err' : 'faint'}`}>
                  {formatCount(counts.errors)}
                </td>
                <td className="num">
                  {formatUsd(cost.estimated_usd)}
                  {cost.budget_usd === null ? null : (
                    <span className="faint"> of {formatUsd(cost.budget_usd)}</span>
                  )}
                </td>
                <td className="num soft">
                  {region.next_poll === null ? '–' : <When at={region.next_poll} now={now} />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
