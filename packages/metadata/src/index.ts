/** Opens the store. */
export { MetadataStore } from './metadata-store.ts';
/** What the X-Ray crawler remembers: regions, checkpoints, traces, usage, permissions. */
export {
  type AlongWithTraces,
  type ElsewhereUpdate,
  type RegionId,
  type XRayCheckpoint,
  type XRayPermissionFact,
  type XRayReadMode,
  type XRayRegionFacts,
  XRayState,
  type XRayUsage,
} from './xray/xray-state.ts';
/** One remembered trace of X-Ray. */
export { type XRayPriority, type XRayTrace, type XRayTraceState } from './xray/xray-trace.ts';
/** Other accounts and regions that have the same trace. */
export type { XRaySourceKind, XRayTraceSource } from './xray/xray-sources.ts';
/** Older ranges that are read on request. */
export {
  type XRayBackfillFacts,
  XRayBackfills,
  type XRayBackfillState,
} from './xray/xray-backfills.ts';
