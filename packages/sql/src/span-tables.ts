import type { SpanKindName } from '@spanloom/query';
import type { Column, Index } from './schema.ts';

/**
 * What both span tables have in common: the columns the compiler and the writers rely on.
 *
 * Attributes that are searched or grouped by most have columns of their own; `a`, `n` and `b` hold all of them.
 */
export const spanColumns: readonly Column[] = [
  /** Ingest batch number, assigned by the writer, growing. */
  { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
  /** Wall clock at ingest. */
  { name: 'ing', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
  /** Start of the span. */
  { name: 'ts', type: "DateTime64(9, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
  /** Duration in nanoseconds. */
  { name: 'dur', type: 'UInt64', codec: 'ZSTD(1)' },
  /** High half of the trace id; 0 when the sender had only 64 bits. */
  { name: 'trace_hi', type: 'UInt64', codec: 'ZSTD(1)' },
  { name: 'trace_lo', type: 'UInt64', codec: 'ZSTD(1)' },
  /** Join key: the low 63 bits, which every spelling of one trace shares. Computed, so that it cannot disagree. */
  {
    name: 'jk',
    type: 'UInt64',
    materialized: 'bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF)',
    codec: 'ZSTD(1)',
  },
  { name: 'span_id', type: 'UInt64', codec: 'ZSTD(1)' },
  /** 0 for a root. */
  { name: 'parent_id', type: 'UInt64', codec: 'ZSTD(1)' },
  { name: 'source', type: "Enum8('other' = 0, 'dd' = 1, 'otel' = 2, 'xray' = 3)" },
  { name: 'service', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
  { name: 'name', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
  { name: 'resource', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
  { name: 'type', type: 'LowCardinality(String)' },
  { name: 'kind', type: 'UInt8' },
  { name: 'err', type: 'UInt8', codec: 'ZSTD(1)' },
  /** Bits: 0 service entry, 1 measured, 2 client computed stats, 3 partial version, 4 of a trace that was fetched whole, 5 a note for merging. */
  { name: 'flags', type: 'UInt8', codec: 'ZSTD(1)' },
  /** Sampling priority; -128 when the sender gave none. */
  { name: 'priority', type: 'Int8' },
  { name: 'env', type: 'LowCardinality(String)' },
  { name: 'version', type: 'LowCardinality(String)' },
  { name: 'fn', type: 'LowCardinality(String)' },
  { name: 'region', type: 'LowCardinality(String)' },
  { name: 'cold', type: 'UInt8' },
  /** 0 when there is none. */
  { name: 'http_status', type: 'UInt16' },
  { name: 'http_method', type: 'LowCardinality(String)' },
  /** Retention filters that matched, a bit each. */
  { name: 'keep_mask', type: 'UInt64', codec: 'T64, ZSTD(1)' },
  /** All text attributes. */
  { name: 'a', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
  /** All numeric attributes. */
  { name: 'n', type: 'Map(LowCardinality(String), Float64)', codec: 'ZSTD(1)' },
  /** Binary attributes. */
  { name: 'b', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
  /** Compact JSON, '' when there are none. */
  { name: 'links', type: 'String', codec: 'ZSTD(1)' },
  { name: 'events', type: 'String', codec: 'ZSTD(1)' },
  { name: 'typed', type: 'String', codec: 'ZSTD(1)' },
  { name: 'envelope', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
];

/** Which span table: everything for a short while, or what sampling kept. */
export type SpanTier = 'live' | 'kept';

/** What the compiler must know of a span table. */
export interface SpanTableFacts {
  readonly name: string;
  /** The index over attribute pairs. Its expression is spelled in `attribute-item.ts` and must be used unchanged. */
  readonly itemIndex: 'hashes' | 'text';
}

/** The span tables by tier. */
export const spanTables: Readonly<Record<SpanTier, SpanTableFacts>> = {
  live: { name: 'spans_live', itemIndex: 'hashes' },
  kept: { name: 'spans', itemIndex: 'text' },
};

/** Numbers that stand for span kinds in the column `kind`. */
export const spanKindNumbers: Readonly<Record<SpanKindName, number>> = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

/** Bits of the column `flags`. */
export const spanFlagBits: Readonly<
  Record<
    'entry' | 'measured' | 'clientComputedStats' | 'partialVersion' | 'fetched' | 'note',
    number
  >
> = { entry: 1, measured: 2, clientComputedStats: 4, partialVersion: 8, fetched: 16, note: 32 };

const ITEM_TEXTS = "arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a))";
const NUMBER_HASHES = 'arrayMap((k, v) -> cityHash64(k, v), mapKeys(n), mapValues(n))';
const ITEM_HASHES = 'arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a))';

/**
 * The index over attribute pairs. An index answers only for the very expression it was built on, so the table definition
 * and the compiler (`attribute-item.ts`) take it from here.
 */
export const attributeIndexes: Readonly<Record<SpanTableFacts['itemIndex'], Index>> = {
  /** 37 bytes per span, answers equality from postings alone: for the tier that is searched for weeks. */
  text: { name: 'ix_kv', expression: ITEM_TEXTS, type: "text(tokenizer = 'array')" },
  /** 3 bytes per span, cheap to insert: for the tier that everything passes through. */
  hashes: { name: 'ix_kv', expression: ITEM_HASHES, type: 'bloom_filter(0.01)', granularity: 1 },
};

/**
 * The index over pairs of numeric attributes, for both tiers. A value such as 77 may be text or a number, so equality
 * asks for either; without an index on both sides neither could rule anything out.
 */
export const numberIndex: Index = {
  name: 'ix_n',
  expression: NUMBER_HASHES,
  type: 'bloom_filter(0.01)',
  granularity: 1,
};
