import { Buffer } from 'node:buffer';
import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import {
  decodeEvents,
  decodeLinks,
  decodeTextRecord,
  KINDS,
  NO_PRIORITY,
  sourceName,
  type Span,
} from '@spanloom/model';
import { type Sql, type SpanTier, sql } from '@spanloom/sql';
import {
  bigintField,
  numberField,
  recordField,
  type Row,
  rowParser,
  textField,
} from './row-fields.ts';

/** A span with what the store adds to it. */
export interface StoredSpan {
  readonly span: Span;
  readonly tier: SpanTier;
  /** Number of the batch it was written with. */
  readonly batch: bigint;
  /** Of a version of a fetched X-Ray trace that a later one replaced: it counts nowhere, and only raw reads give it. */
  readonly superseded?: boolean;
}

/**
 * What `StoredSpanRow` reads, except `tier`. Times travel as counts since the epoch, because text would cost a calendar on
 * both sides; bytes travel as base64, because JSON has no bytes.
 */
export const storedSpanColumns: Sql = sql`
        seq, toUnixTimestamp64Milli(ing) AS received, toUnixTimestamp64Nano(ts) AS start, dur, trace_hi, trace_lo, jk,
        span_id, parent_id, toInt8(source) AS source_number, service, name, resource, type, kind, err, flags, priority,
        env, version, fn, a, n, mapApply((k, v) -> (k, base64Encode(v)), b) AS binary, links, events, typed, envelope`;

/** Reads a row of `storedSpanColumns`, `tier` and, where there is one, `superseded`. */
export const StoredSpanRow: { parse(row: unknown): StoredSpan } = rowParser(storedSpanFromRow);

function storedSpanFromRow(row: Row): StoredSpan {
  const parent = bigintField(row, 'parent_id');
  const priority = numberField(row, 'priority');
  return {
    tier: textField(row, 'tier') === 'live' ? 'live' : 'kept',
    batch: bigintField(row, 'seq'),
    ...(row['superseded'] === 1 ? { superseded: true } : {}),
    span: {
      traceId: { hi: bigintField(row, 'trace_hi'), lo: bigintField(row, 'trace_lo') },
      spanId: bigintField(row, 'span_id'),
      parentId: parent === 0n ? undefined : parent,
      source: sourceName(numberField(row, 'source_number')),
      service: textField(row, 'service'),
      name: textField(row, 'name'),
      resource: textField(row, 'resource'),
      type: textField(row, 'type'),
      kind: KINDS[numberField(row, 'kind')] ?? 'unspecified',
      env: textField(row, 'env'),
      version: textField(row, 'version'),
      functionName: textField(row, 'fn'),
      start: bigintField(row, 'start') as EpochNanos,
      duration: numberField(row, 'dur') as DurationNanos,
      error: numberField(row, 'err') !== 0,
      flags: numberField(row, 'flags'),
      priority: priority === NO_PRIORITY ? undefined : priority,
      // JSON gives plain objects, in which even a key such as `__proto__` is a value of its own.
      meta: recordField(row, 'a') as Readonly<Record<string, string>>,
      metrics: numbers(recordField(row, 'n')),
      binary: bytes(recordField(row, 'binary')),
      links: decodeLinks(textField(row, 'links')),
      events: decodeEvents(textField(row, 'events')),
      typed: decodeTextRecord(textField(row, 'typed')),
      envelope: textField(row, 'envelope'),
      received: numberField(row, 'received') as EpochMillis,
    },
  };
}

/** Words for what JSON has no numbers for. */
const DENORMALS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '-nan': Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

function numbers(record: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  for (const [key, value] of Object.entries(record)) {
    if (typeof value !== 'string') continue;
    (record as Record<string, unknown>)[key] = DENORMALS[value] ?? Number(value);
  }
  return record as Readonly<Record<string, number>>;
}

function bytes(record: Readonly<Record<string, unknown>>): Readonly<Record<string, Uint8Array>> {
  const result = Object.create(null) as Record<string, Uint8Array>;
  for (const [key, value] of Object.entries(record)) {
    result[key] = Uint8Array.from(Buffer.from(value as string, 'base64'));
  }
  return result;
}
