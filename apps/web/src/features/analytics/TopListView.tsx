import type { ReactNode } from 'react';
import { useAggregate } from '../../data/aggregate.ts';
import { Swatch } from '../../ui/controls.tsx';
import { formatShare } from '../../ui/format.ts';
import type { AnalyticsContext } from './analytics-context.ts';
import styles from './analytics.module.css';
import { BasisPill } from './BasisPill.tsx';
import { Export } from './Export.tsx';
import { FigureState } from './FigureState.tsx';
import { formatFigure } from './format-figure.ts';
import { readGroups } from './groups.ts';
import { computeText, isAdditive, toCompute, toGroups } from './model.ts';

/** The groups of one key by one measure, largest first. */
export function TopListView({ context }: { readonly context: AnalyticsContext }): ReactNode {
  const { model, query, range, refreshMs, onDrill } = context;
  const compute = model.computes[0]!;
  const key = model.by[0]!;
  const order = { compute, descending: true, limit: model.top };
  const groups = useAggregate(
    { query, range, compute: [toCompute(compute)], groupBy: toGroups([key], order) },
    { refreshMs },
  );
  const additive = isAdditive(compute);
  const all = useAggregate(
    { query, range, compute: [toCompute(compute)] },
    { refreshMs, enabled: additive },
  );
  const rows = groups.data === undefined ? [] : readGroups(groups.data.buckets, [key], 1);
  if (groups.data === undefined || rows.length === 0) {
    return (
      <FigureState
        pending={groups.isPending}
        error={groups.error}
        onRetry={() => void groups.refetch()}
      />
    );
  }
  const total = all.data?.buckets[0]?.attributes.computes['c0'];
  const whole = additive && typeof total === 'number' ? total : undefined;
  const shown = rows.reduce((sum, { figures }) => sum + (figures[0] ?? 0), 0);
  const rest = whole === undefined || rows.length < model.top ? 0 : Math.max(0, whole - shown);
  const most = Math.max(rest, ...rows.map(({ figures }) => figures[0] ?? 0));
  return (
    <div className={styles['view']} data-stale={groups.isPlaceholderData} data-testid="top-list">
      <div className={styles['bar']}>
        <span>
          {computeText(compute)} by {key}
          {model.by.length > 1
            ? `; a top list has one key, so ${model.by.slice(1).join(' and ')} is left out`
            : ''}
        </span>
        <BasisPill warnings={groups.data.warnings} live={context.live} />
        <span className={styles['spacer']} />
        <Export
          what="top-list"
          names={[key, computeText(compute)]}
          rows={() => rows.map(({ values, figures }) => [values[0] ?? null, figures[0]])}
        />
      </div>
      <div className={styles['scroller']}>
        <table className={styles['table']}>
          <thead>
            <tr>
              <th>{key}</th>
              <th className="num">{computeText(compute)}</th>
              <th className={styles['share']}>
                {whole === undefined ? 'Against the largest' : 'Share'}
              </th>
              {whole === undefined ? null : <th className="num">of all</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, values, figures }) => (
              <tr key={JSON.stringify(values)} data-testid="top-row">
                <td>
                  <button
                    type="button"
                    className={styles['name']}
                    onClick={() => onDrill({ keys: [key], values })}
                  >
                    {key === 'service' ? <Swatch name={name} /> : null}
                    <span className="ell">{name}</span>
                  </button>
                </td>
                <td className="num medium">{formatFigure(figures[0], compute)}</td>
                <td className={styles['share']}>
                  <i style={{ width: `${most > 0 ? (100 * (figures[0] ?? 0)) / most : 0}%` }} />
                </td>
                {whole === undefined ? null : (
                  <td className="num faint">{formatShare(figures[0] ?? 0, whole)}</td>
                )}
              </tr>
            ))}
            {rest > 0 ? (
              <tr>
                <td>
                  <button
                    type="button"
                    className={`${styles['name']} faint`}
                    onClick={() =>
                      onDrill({
                        keys: [key],
                        besides: rows.flatMap(({ values }) => values[0] ?? []),
                      })
                    }
                  >
                    Other
                  </button>
                </td>
                <td className="num medium">{formatFigure(rest, compute)}</td>
                <td className={styles['share']}>
                  <i
                    style={{
                      width: `${(100 * rest) / most}%`,
                      background: 'var(--chart-soft)',
                    }}
                  />
                </td>
                <td className="num faint">{formatShare(rest, whole ?? 0)}</td>
              </tr>
            ) : null}
          </tbody>
        </table>
      </div>
    </div>
  );
}
