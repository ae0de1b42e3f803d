/** The streams that a subscriber can ask for. */
export type TelemetryStream = 'platform' | 'function' | 'extension';

/** One element of the arrays that the Telemetry API delivers. */
export interface TelemetryEvent {
  /** ISO 8601 with milliseconds. */
  readonly time: string;
  /** `platform.start`, `function`, `extension` … */
  readonly type: string;
  /** An object for platform events and JSON logs, else the text of a log. */
  readonly record: unknown;
}

/** The schemas that a subscriber may name. */
export const telemetrySchemas: readonly string[] = ['2022-07-01', '2022-12-13', '2025-01-29'];

/** The stream that an event belongs to. */
export function streamOf(event: TelemetryEvent): TelemetryStream {
  const [stream] = event.type.split('.', 1);
  return stream === 'function' || stream === 'extension' ? stream : 'platform';
}

/**
 * The event as a subscriber of `schema` gets it: the first schema knew neither logs as objects nor `platform.initReport`'s
 * status.
 */
export function inSchema(event: TelemetryEvent, schema: string): TelemetryEvent {
  if (schema !== '2022-07-01') return event;
  if (streamOf(event) !== 'platform') {
    return typeof event.record === 'string'
      ? event
      : { ...event, record: JSON.stringify(event.record) };
  }
  if (event.type !== 'platform.initReport') return event;
  const {
    status: _status,
    errorType: _errorType,
    ...record
  } = event.record as object & {
    status?: unknown;
    errorType?: unknown;
  };
  return { ...event, record };
}
