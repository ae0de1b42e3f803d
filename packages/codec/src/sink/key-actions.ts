/**
 * What a decoder does with an attribute beyond keeping it. Decided once per distinct key, so an attribute costs one array read
 * to learn that nothing is special about it.
 */
export const ACTION = {
  none: 0,
  /** `_dd.p.tid`: the upper half of the trace id. Taken out of the attributes. */
  traceHigh: 1,
  /** The whole 128-bit id as hex; more trustworthy than `_dd.p.tid`, which one sender writes in decimal. */
  otelTraceId: 2,
  env: 3,
  version: 4,
  kind: 5,
  httpStatus: 6,
  httpMethod: 7,
  functionName: 8,
  functionArn: 9,
  region: 10,
  coldStart: 11,
  /** Events as JSON text. Taken out of the attributes when it can be read. */
  events: 12,
  /** Links as JSON text. Taken out of the attributes when it can be read. */
  links: 13,
  /** Names of other services: same form as `service`. */
  peerService: 14,
  priority: 15,
  /** The tracer's or the agent's mark of an entry span. */
  topLevel: 16,
  measured: 17,
  partial: 18,
} as const;

export const KEY_ACTIONS: ReadonlyMap<string, number> = new Map([
  ['_dd.p.tid', ACTION.traceHigh],
  ['otel.trace_id', ACTION.otelTraceId],
  ['env', ACTION.env],
  ['version', ACTION.version],
  ['span.kind', ACTION.kind],
  ['http.status_code', ACTION.httpStatus],
  ['http.response.status_code', ACTION.httpStatus],
  ['http.method', ACTION.httpMethod],
  ['http.request.method', ACTION.httpMethod],
  ['functionname', ACTION.functionName],
  ['function_arn', ACTION.functionArn],
  ['region', ACTION.region],
  ['aws_region', ACTION.region],
  ['aws.region', ACTION.region],
  ['cloud.region', ACTION.region],
  ['cold_start', ACTION.coldStart],
  ['events', ACTION.events],
  ['_dd.span_links', ACTION.links],
  ['peer.service', ACTION.peerService],
  ['_dd.base_service', ACTION.peerService],
  ['_sampling_priority_v1', ACTION.priority],
  ['_dd.top_level', ACTION.topLevel],
  ['_top_level', ACTION.topLevel],
  ['_dd.measured', ACTION.measured],
  ['_dd.partial_version', ACTION.partial],
]);
