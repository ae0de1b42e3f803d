import { isObject } from '../loose.ts';

/** The HTTP status that a result becomes behind a gateway, as text. */
export function statusOf(result: unknown, streaming: boolean): string {
  if (result === undefined && !streaming) return '502';
  const status: unknown = isObject(result) ? result['statusCode'] : undefined;
  return (typeof status === 'number' || typeof status === 'string') && status
    ? String(status)
    : '200';
}

/** Whether a status says that the server failed. */
export function isServerError(status: string | undefined): boolean {
  return status !== undefined && /^5..$/.test(status);
}

/** How many records of a batch the function gave back; `undefined` unless its result says so. */
export function batchFailures(result: unknown): number | undefined {
  const failures: unknown = isObject(result) ? result['batchItemFailures'] : undefined;
  return Array.isArray(failures) ? failures.length : undefined;
}

/** How many records an event holds; `undefined` if it is no batch. */
export function batchSize(event: unknown): number | undefined {
  const records: unknown = isObject(event) ? event['Records'] : undefined;
  return Array.isArray(records) ? records.length : undefined;
}
