import type { EpochNanos, TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';

/** A span in its place in the tree. */
export interface TraceNode {
  readonly span: Span;
  /** Index of the parent in `nodes`, -1 for a root and for a span whose parent is not here. */
  readonly parent: number;
  /** 0 for a root. */
  readonly depth: number;
  /** Folded when the trace is drawn, with the reason in words. */
  readonly hiddenReason: string | undefined;
}

export type ProblemKind =
  | 'missing_parent'
  | 'missing_root'
  | 'cycle'
  | 'duplicate_span'
  | 'duplicate_span_id'
  | 'partial_version'
  | 'multiple_roots'
  | 'trace_id_collision'
  | 'truncated';

/** Something a reader should know before trusting the tree's shape. */
export interface Problem {
  readonly kind: ProblemKind;
  /** The span concerned; for `missing_parent` the parent that is not here. */
  readonly spanId: bigint;
  /** How many spans it concerns. */
  readonly count: number;
  readonly message: string;
}

/** Which world a span is counted under: as stored, and `inferred` for one synthesised from a neighbour. */
export type SourceLabel = 'datadog' | 'otlp' | 'xray' | 'inferred' | 'other';

/** One trace, put together. */
export interface AssembledTrace {
  /** The fullest id seen. */
  readonly traceId: TraceId;
  /** Every distinct id that spans of this trace carried. */
  readonly traceIds: readonly TraceId[];
  readonly env: string;
  readonly start: EpochNanos;
  /** The latest end of any span. */
  readonly end: EpochNanos;
  /** Every parent is here and there is a root. */
  readonly complete: boolean;
  /** Some span failed. */
  readonly error: boolean;
  readonly sources: Readonly<Record<SourceLabel, number>>;
  /** In order of first appearance in the tree. */
  readonly services: readonly string[];
  /** In tree order: a parent before its children, siblings by start. */
  readonly nodes: readonly TraceNode[];
  readonly problems: readonly Problem[];
}
