import type { IncomingHttpHeaders } from 'node:http';

/** Request headers that decoding may look at; they are kept with the payload so that a replay sees the same ones. */
const DECODE_HEADERS = [
  'datadog-meta-lang',
  'datadog-meta-lang-version',
  'datadog-meta-lang-interpreter',
  'datadog-meta-lang-interpreter-vendor',
  'datadog-meta-tracer-version',
  'datadog-container-id',
  'datadog-entity-id',
  'datadog-external-env',
  'datadog-client-computed-top-level',
  'datadog-client-computed-stats',
  'datadog-obfuscation-version',
  'datadog-process-tags',
  'x-datadog-reported-languages',
] as const;

/** The part of the request headers that is stored with the payload. */
export function decodeHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of DECODE_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

/** How clients write "no" in a yes-or-no header; anything else, also a bare `yes`, is a yes. */
const FALSE_TEXTS: ReadonlySet<string> = new Set(['', '0', 'f', 'F', 'false', 'False', 'FALSE']);

/** A yes-or-no header. Absent and empty mean no. */
export function headerFlag(value: string | string[] | undefined): boolean {
  return typeof value === 'string' && !FALSE_TEXTS.has(value);
}

/** A counting header: zero when absent or not a plain number. */
export function headerCount(value: string | string[] | undefined): number {
  const count = typeof value === 'string' ? Number(value) : 0;
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
