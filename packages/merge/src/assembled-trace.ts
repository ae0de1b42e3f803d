import type { EpochNanos, TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { MergeVerdict, XRayPending } from './verdict.ts';

/** A span in its place in the tree. */
export interface TraceNode {
  /** As stored; where merging completed it with what another span knew, a copy. */
  readonly span: Span;
  /** Index of the parent in `nodes`, -1 for a root and for a span whose parent is not here. */
  readonly parent: number;
  /** 0 for a root. */
  readonly depth: number;
  /** The parent in this tree; of a span whose parent is not here, the one that should be. */
  readonly parentId: bigint | undefined;
  /** The parent that the sender stated. Only where it is another one. */
  readonly statedParentId?: bigint | undefined;
  /** Folded when the trace is drawn, with the reason in words. */
  readonly hiddenReason: string | undefined;
  /** The span that shows it instead. */
  readonly hiddenBy: bigint | undefined;
  /** Hidden spans that this one shows too. */
  readonly folded: readonly bigint[];
  /** No end of it has been received. */
  readonly unfinished: boolean;
  /** ns to add to its times when drawing, because its clock seems to be off. Never to compute with. */
  readonly skew: number;
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
  | 'truncated'
  | 'env_mismatch'
  | 'clock_skew'
  | 'limit_exceeded';

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

/** A run of a Lambda function, counted once however many spans tell of it. */
export interface CountedInvocation {
  /** Lambda's id of it, '' where no span states it. */
  readonly requestId: string;
  readonly functionName: string;
  /** The span to count: the tracer's where there is one. */
  readonly spanId: bigint;
}

/** One trace, put together. */
export interface AssembledTrace {
  /** The fullest id, the same whichever id the trace was asked for by. */
  readonly traceId: TraceId;
  /** Every distinct id that spans of this trace carried, and the one above. */
  readonly traceIds: readonly TraceId[];
  /** The 64-bit ids that Datadog tracers know it by. */
  readonly datadogIds: readonly bigint[];
  /** The X-Ray traces in it. */
  readonly xrayIds: readonly TraceId[];
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
  readonly invocations: readonly CountedInvocation[];
  /** A verdict for each invocation of which either half is here. */
  readonly merge: readonly MergeVerdict[];
  /** Undefined when nothing more is expected of X-Ray. */
  readonly xrayPending: XRayPending | undefined;
  /** In tree order: a parent before its children, siblings by start. Hidden spans are among them. */
  readonly nodes: readonly TraceNode[];
  readonly problems: readonly Problem[];
}
