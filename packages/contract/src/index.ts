/** The assembled trace and the stored rows behind it. */
export type {
  AttributeJson,
  MergeTimeConflict,
  MergeVerdict,
  MergeVerdictName,
  RawSpanJson,
  RawTraceResponse,
  SpanEventJson,
  SpanJson,
  SpanKindName,
  SpanLinkJson,
  SpanSource,
  TraceProblem,
  TraceResponse,
  XRayPending,
} from './trace.ts';
/** Spans search in the shape existing clients speak. */
export {
  type SpanEvent,
  type SpanEventAttributes,
  SpansSearchRequest,
  type SpansSearchResponse,
} from './spans-search.ts';
/** Computing over spans in the shape existing clients speak. */
export {
  type SpansAggregateBucket,
  SpansAggregateRequest,
  type SpansAggregateResponse,
  type SpansAggregateValue,
  type SpansAggregationFunction,
  type SpansCompute,
  type SpansGroupBy,
} from './spans-aggregate.ts';
/** Live Search as a stream of events. */
export type { LiveDropped, LiveEvents, LiveLag, LiveRate, LiveReady } from './live.ts';
/** Services, what they call, and the map of them. */
export type {
  ServiceEdgeJson,
  ServiceJson,
  ServiceMapResponse,
  ServiceNodeJson,
  ServicesCoverage,
  ServicesResponse,
  ServiceType,
} from './services.ts';
/** Reading AWS X-Ray. */
export type {
  XRayBackfill,
  XRayBackfillRequest,
  XRayCost,
  XRayCounts,
  XRayPermission,
  XRayProblem,
  XRayRegionStatus,
  XRayStatusResponse,
  XRaySweep,
} from './xray-status.ts';
/** The server about itself. */
export type {
  ClientJson,
  CounterJson,
  EnvironmentsResponse,
  ErrorResponse,
  ListenerJson,
  SystemResponse,
} from './system.ts';
/** One end of a time range, as text. */
export { parseTimeBound } from './time-range.ts';
