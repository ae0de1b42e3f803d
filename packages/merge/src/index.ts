/** From stored spans to one trace. */
export { type AssembleOptions, assembleTrace, sourceLabel } from './assemble-trace.ts';
export type {
  AssembledTrace,
  Problem,
  ProblemKind,
  SourceLabel,
  TraceNode,
} from './assembled-trace.ts';
