import type { ReactNode } from 'react';
import { useAggregate } from '../../data/aggregate.ts';
import { Swatch } from '../../ui/controls.tsx';
import { formatPlural } from '../../ui/format.ts';
import type { AnalyticsContext } from './analytics-context.ts';
import styles from './analytics.module.css';
import { BasisPill } from './BasisPill.tsx';
import { Export } from './Export.tsx';
import { FigureState } from './FigureState.tsx';
import { formatFigure } from './format-figure.ts';
import { type Group, readGroups } from './groups.ts';
import { computeText, toCompute, toGroups } from './model.ts';

interface Props {
  readonly context: AnalyticsContext;
  /** Orders by a compute, over all groups and not only those shown. */
  readonly onSort: (index: number, descending: boolean) => void;
}

/** Several figures of each group. */
export function TableView({ context, onSort }: Props): ReactNode {
  const { model, query, range, refreshMs, onDrill } = context;
  const { by, computes, top } = model;
  const index = Math.min(model.order.index, computes.length - 1);
  const { descending } = model.order;
  const groups = useAggregate(
    {
      query,
      range,
      compute: computes.map(toCompute),
      groupBy: toGroups(by, { compute: computes[index]!, descending, limit: top }),
    },
    { refreshMs },
  );
  const rows =
    groups.data === undefined
      ? []
      : ordered(readGroups(groups.data.buckets, by, computes.length), index, descending);
  if (groups.data === undefined || rows.length === 0) {
    return (
      <FigureState
        pending={groups.isPending}
        error={groups.error}
        onRetry={() => void groups.refetch()}
      />
    );
  }
  const titles = computes.map(computeText);
  return (
    <div
      className={styles['view']}
      data-stale={groups.isPlaceholderData}
      data-testid="figure-table"
    >
      <div className={styles['bar']}>
        <span>
          {formatPlural(rows.length, 'group')}
          {by.length > 1 ? `, up to ${top} of each key within those before it` : ''}
        </span>
        <BasisPill warnings={groups.data.warnings} live={context.live} />
        <span className={styles['spacer']} />
        <Export
          what="table"
          names={[...by, ...titles]}
          rows={() =>
            rows.map(({ values, figures }) => [...values.map((value) => value ?? null), ...figures])
          }
        />
      </div>
      <div className={styles['scroller']}>
        <table className={styles['table']}>
          <thead>
            <tr>
              {by.length === 0 ? <th>Group</th> : by.map((key) => <th key={key}>{key}</th>)}
              {titles.map((title, i) => (
                <th
                  key={title}
                  className="num"
                  aria-sort={i === index ? (descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button type="button" onClick={() => onSort(i, i === index ? !descending : true)}>
                    {title} {i === index ? (descending ? '↓' : '↑') : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={JSON.stringify(row.values)} data-testid="figure-row">
                {(by.length === 0 ? ['all'] : row.values).map((value, i) => (
                  // oxlint-disable-next-line react/no-array-index-key -- values of one group have the order of their keys
                  <td key={i} className={value === undefined ? 'faint' : undefined}>
                    {i > 0 ? (
                      (value ?? 'N/A')
                    ) : (
                      <button
                        type="button"
                        className={styles['name']}
                        onClick={() => onDrill({ keys: by, values: row.values })}
                      >
                        {by[i] === 'service' && value !== undefined ? (
                          <Swatch name={value} />
                        ) : null}
                        <span className="ell">{value ?? 'N/A'}</span>
                      </button>
                    )}
                  </td>
                ))}
                {computes.map((compute, i) => (
                  <td key={titles[i]} className={i === index ? 'num medium' : 'num'}>
                    {formatFigure(row.figures[i], compute)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** By one figure; groups without it come last, whichever way it goes. */
function ordered(groups: readonly Group[], index: number, descending: boolean): readonly Group[] {
  return groups.toSorted((a, b) => {
    const [x, y] = [a.figures[index] ?? null, b.figures[index] ?? null];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return descending ? y - x : x - y;
  });
}
