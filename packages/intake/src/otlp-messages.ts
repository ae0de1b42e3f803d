import { DecodeError, errorMessage, isJsonObject } from '@spanloom/base';
import { bytesField, countMessages, varintField } from './protobuf-fields.ts';

/** The three kinds of OTLP records. */
export type OtlpSignal = 'traces' | 'logs' | 'metrics';

/** How a message is written: answers use the request's form. */
export type OtlpForm = 'protobuf' | 'json';

/** Records refused from a request that was otherwise taken. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

const REJECTED_FIELD: Readonly<Record<OtlpSignal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** An `Export…ServiceResponse`. Without `partial` it is empty: everything was taken. */
export function encodeExportResponse(
  signal: OtlpSignal,
  form: OtlpForm,
  partial?: PartialSuccess,
): Uint8Array {
  if (form === 'json') {
    if (partial === undefined) return Buffer.from('{}');
    return Buffer.from(
      JSON.stringify({
        partialSuccess: {
          [REJECTED_FIELD[signal]]: String(partial.rejected), // 64-bit numbers are text in protobuf's JSON
          errorMessage: partial.message,
        },
      }),
    );
  }
  if (partial === undefined) return Buffer.alloc(0);
  return bytesField(
    1,
    Buffer.concat([varintField(1, partial.rejected), bytesField(2, partial.message)]),
  );
}

/** A `google.rpc.Status`, optionally with a `RetryInfo` that says how long to wait. */
export function encodeStatus(
  form: OtlpForm,
  code: number,
  message: string,
  retryAfterSeconds?: number,
): Uint8Array {
  if (form === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const parts = [varintField(1, code), bytesField(2, message)];
  if (retryAfterSeconds !== undefined) {
    const duration = varintField(1, retryAfterSeconds);
    const any = [
      bytesField(1, 'type.googleapis.com/google.rpc.RetryInfo'),
      bytesField(2, bytesField(1, duration)),
    ];
    parts.push(bytesField(3, Buffer.concat(any)));
  }
  return Buffer.concat(parts);
}

/** Why a signal without a store is refused, and how its sender stops sending it. */
export function notStoredMessage(signal: 'logs' | 'metrics'): string {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER=none`;
  return `This version of Spanloom stores traces only: these ${signal} were not kept; set ${variable} to stop sending them`;
}

/** Paths of field numbers: resource, scope, record; for metrics one of five kinds of data, then its points. */
const RECORD_PATHS = {
  logs: [[1], [2], [2]],
  metrics: [[1], [2], [2], [5, 7, 9, 10, 11], [1]],
} as const;

const JSON_PATHS = {
  logs: [['resourceLogs'], ['scopeLogs'], ['logRecords']],
  metrics: [
    ['resourceMetrics'],
    ['scopeMetrics'],
    ['metrics'],
    ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'],
    ['dataPoints'],
  ],
} as const;

/**
 * How many log records or data points a request holds.
 * @throws {DecodeError} When the request is not of its form.
 */
export function countRecords(signal: 'logs' | 'metrics', form: OtlpForm, body: Uint8Array): number {
  if (body.length === 0) return 0;
  if (form === 'protobuf') return countMessages(body, RECORD_PATHS[signal]);
  let message: unknown;
  try {
    message = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw new DecodeError(`it is not JSON (${errorMessage(error)})`, 0, { cause: error });
  }
  if (!isJsonObject(message)) throw new DecodeError('expected a JSON object', 0);
  return countJson([message], JSON_PATHS[signal], 0);
}

function countJson(
  nodes: readonly unknown[],
  path: readonly (readonly string[])[],
  depth: number,
): number {
  if (depth === path.length) return nodes.length;
  let count = 0;
  for (const node of nodes) {
    if (!isJsonObject(node)) continue;
    for (const key of path[depth]!) {
      const value = node[key];
      if (value !== undefined)
        count += countJson(Array.isArray(value) ? value : [value], path, depth + 1);
    }
  }
  return count;
}
