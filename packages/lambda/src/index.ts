import { datadog } from './wrap.ts';

/** Wraps a handler: traces, metrics and correlated logs for each call. `spanloom` is the same function. */
export { datadog, extractArgs, type HandlerArguments } from './wrap.ts';
/** Wraps a handler, under a name of our own. */
export const spanloom: typeof datadog = datadog;
/** Options of the wrapper, and what they are when nothing is said. */
export { defaultConfig, type Config } from './config.ts';
/** Finds the trace context in events of the function's own making. */
export type { ExtractedContext, TraceExtractor } from './context/custom.ts';
/** Takes the library's own messages. */
export type { Logger } from './log.ts';
/** Any function that Lambda could call. */
export type { AnyFunction, LambdaContext } from './handler-types.ts';
/** Records values of the function's own metrics. */
export {
  _metricsQueue,
  sendDistributionMetric,
  sendDistributionMetricWithDate,
} from './metrics/distribution.ts';
/** One value of a metric. */
export type { MetricPoint } from './metrics/point.ts';
/** Headers that continue the trace in a call or a message made by hand. */
export { getTraceContext, getTraceHeaders, type TraceHeaders } from './outbound/trace-headers.ts';
/** Carries the trace through a client of the AWS SDK that is part of a bundle. */
export { traceAwsClient, type AwsClient } from './outbound/aws-sdk.ts';
/** Makes spans for what the function does. */
export { tracer, type TraceOptions, type Tracer, type TracerScope } from './tracer.ts';
/** A span, and what it is made from. */
export type { Span, SpanContext, SpanOptions, Tags } from './span/span.ts';
/** All spans of one invocation. */
export type { Trace, TraceDefaults } from './span/trace.ts';
/** A place in a trace, and a link to one. */
export type { SpanLink, TraceContext } from './context/trace-context.ts';
/** Lower-case trace headers and their values. */
export type { Carrier } from './context/headers.ts';
/** Answers `@opentelemetry/api` with our tracer, in a bundle that contains the API. */
export { registerOpenTelemetry } from './delegate/opentelemetry-provider.ts';
/** Loads and wraps the handler that `DD_LAMBDA_HANDLER` names: all that the package's `handler` entry does. */
export { redirectedHandler } from './load/redirect.ts';
/** Reports a handler that could not be loaded. */
export { emitTelemetryOnErrorOutsideHandler } from './load/load-failure.ts';
/** Names of the variables, and how to read one. */
export {
  addSpanPointersEnvVar,
  apiKeyEnvVar,
  apiKeyKMSEnvVar,
  apiKeySecretARNEnvVar,
  appsecEnabledEnvVar,
  captureLambdaPayloadEnvVar,
  captureLambdaPayloadMaxDepthEnvVar,
  coldStartTraceSkipLibEnvVar,
  coldStartTracingEnvVar,
  dataStreamsEnabledEnvVar,
  datadogHandlerEnvVar,
  decodeAuthorizerContextEnvVar,
  defaultSiteURL,
  encodeAuthorizerContextEnvVar,
  enhancedMetricsEnvVar,
  getEnvValue,
  lambdaTaskRootEnvVar,
  localTestingEnvVar,
  logForwardingEnvVar,
  logInjectionEnvVar,
  logLevelEnvVar,
  mergeXrayTracesEnvVar,
  minColdStartTraceDurationEnvVar,
  siteURLEnvVar,
  traceExtractorEnvVar,
  traceManagedServicesEnvVar,
} from './environment.ts';
