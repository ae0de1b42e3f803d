/** The columns of a trace. */
export {
  buildTraceModel,
  type SpanFacts,
  type TraceModel,
  type TraceModelOptions,
} from './trace-model.ts';
/** What is odd about a row. */
export { Flag, UNBLOCKING, UNCOUNTED } from './span-flags.ts';
/** The row a trace is named after. */
export { displayRoot } from './display-root.ts';
/** How time is shared between spans. */
export { type ExecTime, execTime, selfTime } from './exec-time.ts';
/** What the duration of a trace is made of. */
export { type CriticalPath, criticalPath } from './critical-path.ts';
/** Lines of the flame graph. */
export { type FlameRows, packRows } from './pack-rows.ts';
/** Rows of the waterfall and what is folded. */
export { ancestors, branchRows, initiallyCollapsed, waterfallRows } from './waterfall-rows.ts';
/** Loops and fan-outs that read as one row. */
export { findRepeats, type Repeat, type Repeats } from './repeats.ts';
/** Colours by name, and groups of a legend. */
export { assignSlots, PALETTE_SIZE, paletteSlot } from './palette.ts';
export { type Grouping, groupRows, type SpanGroup } from './grouping.ts';
/** Durations and rulers as text. */
export { formatDuration } from './format-duration.ts';
export { formatTick, rulerTicks, type Ticks } from './ticks.ts';
/** Windows of time: zoom, pan, fit. */
export {
  clampWindow,
  isWhole,
  MIN_WINDOW_NS,
  panWindow,
  type TimeWindow,
  wholeWindow,
  windowAround,
  zoomWindow,
} from './viewport.ts';
/** From pixels to time and spans and back. */
export { type FlameFrame, type FlameHit, graphHeight, hitTest, nsAt, xOf } from './flame-frame.ts';
/** Drawing on a canvas. */
export { Emphasis, FlamePainter, type FlameScene } from './flame-painter.ts';
export { type FlameTheme, mixColours } from './flame-theme.ts';
export { type MinimapScene, paintMinimap } from './minimap.ts';
