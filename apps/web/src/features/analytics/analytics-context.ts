import type { SpanEvent } from '@spanloom/contract';
import type { TimeRange } from '../../ui/time-range.ts';
import type { Part } from './drill.ts';
import type { AnalyticsModel } from './model.ts';

/** What every visualisation works on. */
export interface AnalyticsContext {
  readonly model: AnalyticsModel;
  /** As sent, scope and environment included. */
  readonly query: string;
  readonly range: TimeRange;
  /** The moving 15 minutes, of which nothing is sampled away. */
  readonly live: boolean;
  readonly refreshMs: number | undefined;
  /** Shows the spans behind a part of a chart as a list. */
  readonly onDrill: (part: Part) => void;
  readonly onRange: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
  readonly onOpenSpan: (span: SpanEvent, newTab: boolean) => void;
}
