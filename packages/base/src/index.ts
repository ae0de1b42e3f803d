/** Errors with stable codes. */
export {
  BadRequestError,
  ConfigError,
  DecodeError,
  type DecodeReason,
  errorMessage,
  LimitError,
  NotFoundError,
  OverloadedError,
  SpanloomError,
} from './errors.ts';
/** Units of time, and the clock that is passed in. */
export {
  type Clock,
  type DurationNanos,
  type EpochMillis,
  type EpochNanos,
  millisToNanos,
  nanosToMillis,
  systemClock,
} from './time.ts';
/** Trace and span ids in all their spellings. */
export {
  formatDatadogTraceId,
  formatSpanId,
  formatTraceId,
  formatXRayTraceId,
  type JoinKey,
  joinKey,
  parseSpanId,
  parseTraceId,
  type TraceId,
  tryParseTraceId,
} from './ids.ts';
/** JSON as a type. */
export { isJsonObject, type Json } from './json.ts';
