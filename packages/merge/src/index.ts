/** From stored spans to one trace. */
export { type AssembleOptions, assembleTrace } from './assemble-trace.ts';
export { sourceLabel } from './trace-summary.ts';
export type {
  AssembledTrace,
  CountedInvocation,
  Problem,
  ProblemKind,
  SourceLabel,
  TraceNode,
} from './assembled-trace.ts';
/** What is known about reading X-Ray, and what follows for each invocation. */
export type { XRayCoverage, XRayRegionCoverage } from './coverage.ts';
export type { MergeTimeConflict, MergeVerdict, MergeVerdictName, XRayPending } from './verdict.ts';
/** How traces of different ids find each other: to store, and to look up. */
export { keysOfBatch } from './batch-keys.ts';
export { keysOfSpan, relatedKeys, type RelatedKeys } from './trace-keys.ts';
/** Ids of one trace in both worlds. */
export { stepFunctionsContext } from './step-functions-ids.ts';
export type { TraceContext } from './trace-context.ts';
export {
  datadogIdOf,
  isJavaForm,
  parseDecimalTraceId,
  parseXRayHeader,
  type XRayHeader,
} from './xray-ids.ts';
