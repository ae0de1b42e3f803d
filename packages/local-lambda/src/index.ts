/** Makes a function ready to be invoked. */
export { startFunction, eventLimitBytes, type LocalFunction } from './start-function.ts';
/** A function's configuration. */
export type { ExtensionOptions, FunctionOptions, InitializationType } from './function-options.ts';
/** An invocation: what goes in, and what comes of it. */
export {
  parseHttpIntegration,
  type HttpIntegrationResponse,
  type InvocationReport,
  type InvocationStatus,
  type InvokeOptions,
  type InvokeResult,
  type RunningInvocation,
} from './invocation.ts';
/** The one error class; a function that fails is a result instead. */
export { LocalLambdaError, type LocalLambdaErrorCode } from './errors.ts';
/** Lines as CloudWatch would hold them. */
export type { LogLine, ReportMetrics } from './log-lines.ts';
/** Events as the Telemetry API delivers them. */
export type { TelemetryEvent } from './telemetry-event.ts';
/** `X-Amzn-Trace-Id` headers, read, printed and made. */
export {
  formatTraceHeader,
  newTraceRoot,
  parseTraceHeader,
  type TraceHeader,
} from './trace-header.ts';
/** Segments that the Lambda service itself sends to X-Ray. */
export type { XRaySegment, XRaySubsegment } from './xray-segments.ts';
