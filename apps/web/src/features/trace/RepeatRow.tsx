import { Emphasis, formatDuration, type Grouping, type TimeWindow } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Badge } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { Scene } from './scene.ts';
import styles from './Waterfall.module.css';

/** Marks closer than this share one. */
const MAX_MARKS = 120;
const QUERY_TYPES = new Set([
  'sql',
  'db',
  'redis',
  'cache',
  'mongodb',
  'cassandra',
  'elasticsearch',
  'memcached',
  'dynamodb',
]);

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly emphasis: Uint8Array | undefined;
  readonly openRepeats: ReadonlySet<number>;
  readonly window: TimeWindow;
  readonly first: number;
  readonly top: number;
  readonly position: number;
  readonly onToggleRepeat: (first: number) => void;
}

/** Siblings that do the same thing, as one row: how many, how long together, and where in time. */
export function RepeatRow({
  scene,
  grouping,
  emphasis,
  openRepeats,
  window,
  first,
  top,
  position,
  onToggleRepeat,
}: Props): ReactNode {
  const repeat = scene.repeats.byFirst.get(first)!;
  const span = scene.span(first)!;
  const slot = grouping.groups[grouping.of[first]!]!.slot + 1;
  const count = repeat.stop - first;
  const open = openRepeats.has(first);
  const step = Math.ceil(count / MAX_MARKS);
  const length = window.endNs - window.startNs;
  const percent = (ns: number): number => (100 * (ns - window.startNs)) / length;
  const right = percent(scene.model.end[repeat.stop - 1]!);
  const isQuery = QUERY_TYPES.has(span.type);
  return (
    <div
      className={styles['row']}
      role="row"
      aria-level={scene.model.depth[first]! + 1}
      aria-expanded={open}
      aria-rowindex={position}
      data-testid="waterfall-repeat"
      data-dimmed={
        emphasis !== undefined &&
        emphasis.subarray(first, repeat.stop).every((one) => one !== Emphasis.normal)
      }
      style={{ top }}
      onClick={() => onToggleRepeat(first)}
    >
      <span className={styles['tree']} role="gridcell">
        {Array.from({ length: Math.min(scene.model.depth[first]!, 20) }, (_, i) => (
          <i key={i} className={styles['guide']} />
        ))}
        <button
          type="button"
          className={styles['fold']}
          tabIndex={-1}
          aria-label={open ? 'Collapse' : 'Expand'}
        >
          <Icon name={open ? 'down' : 'right'} size={12} />
        </button>
        <i className={styles['service']} style={{ background: `var(--span-${slot}-edge)` }} />
        <span className="medium">{span.service}</span>
        <Badge look="line">×{formatCount(count)}</Badge>
        <span className="soft ell">{span.resource || span.name}</span>
        {isQuery ? (
          <span className={styles['status']}>
            <Badge look="warn">N+1</Badge>
          </span>
        ) : null}
      </span>
      <span className={styles['number']} role="gridcell">
        {formatDuration(repeat.sumNs)}
      </span>
      <span className={`${styles['number']} faint`} role="gridcell">
        {formatDuration(repeat.sumNs)}
      </span>
      <div className={styles['cell']} role="gridcell">
        {Array.from({ length: Math.ceil(count / step) }, (_, i) => {
          const row = first + i * step;
          const left = percent(scene.model.start[row]!);
          return (
            <i
              key={row}
              className={styles['mark']}
              style={{
                left: `${left}%`,
                width: `${percent(scene.model.end[row]!) - left}%`,
                background: `var(--span-${slot})`,
                borderColor: `var(--span-${slot}-edge)`,
              }}
            />
          );
        })}
        {right > 66 || right < 0 ? null : (
          <span className={`${styles['note']} faint`} style={{ left: `${right}%` }}>
            {formatCount(count)} {isQuery ? 'queries' : 'times the same'}, p95{' '}
            {formatDuration(repeat.p95Ns)}
          </span>
        )}
      </div>
    </div>
  );
}
