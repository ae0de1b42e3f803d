import type { ReactNode } from 'react';
import type { UrlChange } from '../../data/url.ts';
import { intervalText, possibleIntervals } from '../../data/time-buckets.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Button } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyInput } from '../../ui/KeyInput.tsx';
import { rangeMillis, type TimeRange } from '../../ui/time-range.ts';
import styles from './analytics.module.css';
import {
  aggregations,
  type AnalyticsModel,
  type Compute,
  computeParam,
  COUNT,
  type Display,
  displayOf,
  MOST_COMPUTES,
  MOST_KEYS,
} from './model.ts';

interface Props {
  readonly model: AnalyticsModel;
  readonly range: TimeRange;
  /** Keys to group by, and those with numbers. */
  readonly keys: readonly string[];
  readonly measures: readonly string[];
  readonly onChange: (change: UrlChange) => void;
}

const TOPS = ['5', '10', '25', '50', '100'];

/** "Show p95 of @duration by service": what is computed and by what, as a sentence of controls. */
export function Builder({ model, range, keys, measures, onChange }: Props): ReactNode {
  const { view, computes, by, top } = model;
  if (view === 'list' || view === 'scatter') return null;
  const { from, to } = rangeMillis(range, 0);
  const several = view === 'table';
  const setComputes = (next: readonly Compute[]): void => {
    const text = next.map(computeParam).join(',');
    onChange({ agg: text === 'count' ? undefined : text, sort: undefined });
  };
  const setKeys = (next: readonly string[]): void => onChange({ by: next.join(',') || undefined });
  return (
    <div
      className={styles['builder']}
      role="group"
      aria-label="What is shown"
      data-testid="builder"
    >
      {view === 'heatmap' ? (
        <span className={styles['word']}>Show count by start and duration</span>
      ) : (
        <>
          <span className={styles['word']}>Show</span>
          {(several ? computes : computes.slice(0, 1)).map((compute, i) => (
            <ComputePicker
              key={`${i} ${computeParam(compute)}`}
              compute={compute}
              measures={measures}
              keys={keys}
              onChange={(next) => setComputes(computes.with(i, next))}
              onRemove={
                several && computes.length > 1
                  ? () => setComputes(computes.toSpliced(i, 1))
                  : undefined
              }
            />
          ))}
          {several && computes.length < MOST_COMPUTES ? (
            <Button
              look="ghost"
              aria-label="Add a figure"
              data-testid="add-compute"
              onClick={() => setComputes([...computes, nextCompute(computes)])}
            >
              <Icon name="plus" size={12} />
            </Button>
          ) : null}
          <span className={styles['word']}>by</span>
          {by.map((key) => (
            <span key={key} className={styles['key']}>
              {key}
              <button
                type="button"
                aria-label={`Do not group by ${key}`}
                onClick={() => setKeys(by.filter((other) => other !== key))}
              >
                <Icon name="x" size={12} />
              </button>
            </span>
          ))}
          {by.length < MOST_KEYS ? (
            <KeyInput
              key={by.length}
              label="Group by"
              placeholder={by.length === 0 ? 'nothing; add a key' : 'another key'}
              keys={keys.filter((key) => !by.includes(key))}
              testId="group-by"
              onChoose={(key) => setKeys([...by.filter((other) => other !== key), key])}
            />
          ) : null}
        </>
      )}
      {by.length > 0 || view === 'top' ? (
        <Choice
          label="top"
          value={String(top)}
          options={[...new Set([...TOPS, String(top)])].map((value) => ({ value, text: value }))}
          testId="top-choice"
          onChange={(value) => onChange({ top: value === '10' ? undefined : value })}
        />
      ) : null}
      <span className={styles['spacer']} />
      {view === 'timeseries' ? (
        <Choice
          label="as"
          value={displayOf(model)}
          options={DISPLAYS}
          onChange={(disp) => onChange({ disp })}
        />
      ) : null}
      {view === 'timeseries' || view === 'heatmap' ? (
        <Choice
          label="every"
          value={model.intervalMs === undefined ? 'auto' : intervalText(model.intervalMs)}
          options={[
            { value: 'auto', text: 'auto' },
            ...possibleIntervals(to - from).map((ms) => ({
              value: intervalText(ms),
              text: intervalText(ms),
            })),
          ]}
          onChange={(rollup) => onChange({ rollup: rollup === 'auto' ? undefined : rollup })}
        />
      ) : null}
    </div>
  );
}

const DISPLAYS: readonly { readonly value: Display; readonly text: string }[] = [
  { value: 'bars', text: 'bars' },
  { value: 'lines', text: 'lines' },
  { value: 'area', text: 'areas' },
];

/** What people ask for next: the figures of requests, errors and latency. */
function nextCompute(computes: readonly Compute[]): Compute {
  const asked = new Set(computes.map(computeParam));
  const offered: readonly Compute[] = [
    COUNT,
    { aggregation: 'pc95', metric: '@duration' },
    { aggregation: 'median', metric: '@duration' },
    { aggregation: 'max', metric: '@duration' },
    { aggregation: 'avg', metric: '@duration' },
  ];
  return offered.find((compute) => !asked.has(computeParam(compute))) ?? COUNT;
}

interface PickerProps {
  readonly compute: Compute;
  readonly keys: readonly string[];
  readonly measures: readonly string[];
  readonly onChange: (compute: Compute) => void;
  readonly onRemove: (() => void) | undefined;
}

function ComputePicker(props: PickerProps): ReactNode {
  const { compute, keys, measures, onChange, onRemove } = props;
  const { aggregation, metric } = compute;
  return (
    <span className={styles['compute']}>
      <Choice
        label="Figure"
        hideLabel
        value={aggregation}
        options={aggregations}
        testId="aggregation"
        onChange={(next) =>
          onChange(
            next === 'count'
              ? COUNT
              : {
                  aggregation: next,
                  metric: metric ?? (next === 'cardinality' ? 'trace_id' : '@duration'),
                },
          )
        }
      />
      {aggregation === 'count' ? null : (
        <>
          <span className={styles['word']}>of</span>
          <KeyInput
            label="Of which key"
            placeholder="@duration"
            value={metric ?? ''}
            keys={aggregation === 'cardinality' ? keys : measures}
            onChoose={(key) => onChange({ aggregation, metric: key })}
          />
        </>
      )}
      {onRemove === undefined ? null : (
        <button type="button" aria-label="Remove this figure" onClick={onRemove}>
          <Icon name="x" size={12} />
        </button>
      )}
    </span>
  );
}
