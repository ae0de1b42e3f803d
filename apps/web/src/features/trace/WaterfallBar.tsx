import type { SpanJson } from '@spanloom/contract';
import { Flag, type Grouping, type TimeWindow, UNBLOCKING, UNCOUNTED } from '@spanloom/flame';
import type { CSSProperties, ReactNode } from 'react';
import type { Scene } from './scene.ts';
import styles from './Waterfall.module.css';

/** Sections of the critical path by the row that owns them. */
export type Sections = ReadonlyMap<number, readonly (readonly [startNs: number, endNs: number])[]>;

export function criticalSections({ critical }: Scene): Sections {
  const sections = new Map<number, [number, number][]>();
  for (let i = 0; i < critical.length; i++) {
    const row = critical.row[i]!;
    const own = sections.get(row);
    if (own === undefined) sections.set(row, [[critical.start[i]!, critical.end[i]!]]);
    else own.push([critical.start[i]!, critical.end[i]!]);
  }
  return sections;
}

/** Stretches beyond this many are not told apart at any width. */
const MAX_STRETCHES = 200;

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly row: number;
  readonly window: TimeWindow;
  readonly sections: Sections | undefined;
}

/** A span on the time axis: fill where it waits for a child, edge colour where it works itself. */
export function WaterfallBar({ scene, grouping, row, window, sections }: Props): ReactNode {
  const { model } = scene;
  const length = window.endNs - window.startNs;
  const percent = (ns: number): number => (100 * (ns - window.startNs)) / length;
  const [start, end, flags] = [model.start[row]!, model.end[row]!, model.flags[row]!];
  if (end < window.startNs || start > window.endNs) return null;
  const slot = grouping.groups[grouping.of[row]!]!.slot + 1;
  const span = scene.span(row);
  const failed = (flags & Flag.error) !== 0;
  // Far outside the window browsers lose precision: the bar is cut there.
  const left = Math.max(-5, percent(start));
  const right = Math.min(105, percent(end));
  const note = noteOf(span, flags);
  const tone = failed ? 'err' : (flags & CAUTION) !== 0 ? 'warn' : 'cold';
  return (
    <>
      <div
        className={styles['bar']}
        data-otlp={(flags & Flag.otlp) !== 0}
        data-torn={(flags & Flag.torn) !== 0}
        data-skewed={(flags & Flag.skewed) !== 0}
        style={{ left: `${left}%`, width: `${right - left}%`, ...fill(flags, slot, failed) }}
      >
        {(flags & (UNCOUNTED | Flag.inferred | Flag.xray)) === 0
          ? selfStretches(scene, row).map(([from, to]) => (
              <i
                key={from}
                style={{
                  left: `${(100 * (percent(from) - left)) / (right - left)}%`,
                  width: `${(100 * (percent(to) - percent(from))) / (right - left)}%`,
                  background: `var(--span-${slot}-edge)`,
                }}
              />
            ))
          : null}
      </div>
      {sections
        ?.get(row)
        ?.slice(0, MAX_STRETCHES)
        .map(([from, to]) => (
          <i
            key={from}
            className={styles['critical']}
            style={{ left: `${percent(from)}%`, width: `${percent(to) - percent(from)}%` }}
          />
        ))}
      {note === undefined ? null : (
        <span
          className={`${styles['note']} ${tone}`}
          style={right > 70 ? { right: `${100 - left}%`, paddingRight: 6 } : { left: `${right}%` }}
        >
          {note.length > 48 ? `${note.slice(0, 47)}…` : note}
        </span>
      )}
    </>
  );
}

/** What is amber rather than red. */
const CAUTION = Flag.clientError | Flag.throttled | Flag.torn;

/** What is said beside a bar. */
function noteOf(span: SpanJson | undefined, flags: number): string | undefined {
  if ((flags & Flag.error) !== 0)
    return span?.meta['error.type'] ?? span?.meta['error.message'] ?? 'error';
  if ((flags & Flag.torn) !== 0) return 'did not finish';
  if ((flags & Flag.throttled) !== 0) return 'throttled';
  if ((flags & Flag.clientError) !== 0) return 'client error';
  return (flags & Flag.cold) !== 0 ? 'cold start' : undefined;
}

function fill(flags: number, slot: number, failed: boolean): CSSProperties {
  const edge = failed ? 'var(--error)' : `var(--span-${slot}-edge)`;
  const base = `var(--span-${slot})`;
  const colour = failed
    ? 'var(--error)'
    : (flags & (Flag.clientError | Flag.throttled)) !== 0
      ? 'var(--warn)'
      : undefined;
  const outline: CSSProperties =
    colour === undefined ? {} : { boxShadow: `inset 0 0 0 1.5px ${colour}` };
  if ((flags & Flag.placeholder) !== 0)
    return { background: 'none', border: '1px dashed var(--border-control)' };
  if ((flags & Flag.inferred) !== 0) {
    return {
      background: `color-mix(in oklab, ${base} 26%, var(--surface-panel))`,
      border: `1px dashed ${edge}`,
      ...outline,
    };
  }
  if ((flags & Flag.xray) !== 0) {
    return {
      background: `repeating-linear-gradient(135deg, transparent 0 3px, color-mix(in oklab, ${edge} 30%, transparent) 3px 4px), ${base}`,
      borderColor: edge,
      ...outline,
    };
  }
  return { background: base, borderColor: edge, ...outline };
}

/** Where no blocking child of the row runs. */
function selfStretches(
  { model }: Scene,
  row: number,
): readonly (readonly [startNs: number, endNs: number])[] {
  const stretches: [number, number][] = [];
  let at = model.start[row]!;
  const stop = row + model.size[row]!;
  for (
    let child = row + 1;
    child < stop && stretches.length < MAX_STRETCHES;
    child += model.size[child]!
  ) {
    if ((model.flags[child]! & UNBLOCKING) !== 0) continue;
    if (model.start[child]! > at) stretches.push([at, model.start[child]!]);
    at = Math.max(at, model.end[child]!);
  }
  if (model.end[row]! > at) stretches.push([at, model.end[row]!]);
  return stretches;
}
