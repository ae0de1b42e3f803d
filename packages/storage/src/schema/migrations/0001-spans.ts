import type { Column, Table } from '@spanloom/sql';
import type { Migration } from '../migration.ts';

/*
 * Everything here is spelled out and imports no definition that lives on: what a released migration says must never change,
 * and what the code says of its tables will.
 */

const columns: readonly Column[] = [
  { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
  { name: 'ing', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
  { name: 'ts', type: "DateTime64(9, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
  { name: 'dur', type: 'UInt64', codec: 'ZSTD(1)' },
  { name: 'trace_hi', type: 'UInt64', codec: 'ZSTD(1)' },
  { name: 'trace_lo', type: 'UInt64', codec: 'ZSTD(1)' },
  {
    name: 'jk',
    type: 'UInt64',
    materialized: 'bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF)',
    codec: 'ZSTD(1)',
  },
  { name: 'span_id', type: 'UInt64', codec: 'ZSTD(1)' },
  { name: 'parent_id', type: 'UInt64', codec: 'ZSTD(1)' },
  { name: 'source', type: "Enum8('other' = 0, 'dd' = 1, 'otel' = 2, 'xray' = 3)" },
  { name: 'service', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
  { name: 'name', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
  { name: 'resource', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
  { name: 'type', type: 'LowCardinality(String)' },
  { name: 'kind', type: 'UInt8' },
  { name: 'err', type: 'UInt8', codec: 'ZSTD(1)' },
  { name: 'flags', type: 'UInt8', codec: 'ZSTD(1)' },
  { name: 'priority', type: 'Int8' },
  { name: 'env', type: 'LowCardinality(String)' },
  { name: 'version', type: 'LowCardinality(String)' },
  { name: 'fn', type: 'LowCardinality(String)' },
  { name: 'region', type: 'LowCardinality(String)' },
  { name: 'cold', type: 'UInt8' },
  { name: 'http_status', type: 'UInt16' },
  { name: 'http_method', type: 'LowCardinality(String)' },
  { name: 'keep_mask', type: 'UInt64', codec: 'T64, ZSTD(1)' },
  { name: 'a', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
  { name: 'n', type: 'Map(LowCardinality(String), Float64)', codec: 'ZSTD(1)' },
  { name: 'b', type: 'Map(LowCardinality(String), String)', codec: 'ZSTD(1)' },
  { name: 'links', type: 'String', codec: 'ZSTD(1)' },
  { name: 'events', type: 'String', codec: 'ZSTD(1)' },
  { name: 'typed', type: 'String', codec: 'ZSTD(1)' },
  { name: 'envelope', type: 'LowCardinality(String)', codec: 'ZSTD(1)' },
];

const HASHES = 'arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a))';
const ITEMS = "arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a))";

/**
 * Everything that came in the last minutes. Partitions follow the clock of arrival, so that a whole one can be dropped when its
 * time is over, and hold no index that makes inserting slow.
 */
const spansLive: Table = {
  name: 'spans_live',
  columns,
  indexes: [
    { name: 'ix_jk', expression: 'jk', type: 'bloom_filter(0.01)', granularity: 1 },
    { name: 'ix_ts', expression: 'ts', type: 'minmax', granularity: 1 },
    { name: 'ix_seq', expression: 'seq', type: 'minmax', granularity: 1 },
    { name: 'ix_kv', expression: HASHES, type: 'bloom_filter(0.01)', granularity: 1 },
  ],
  engine: { family: 'MergeTree' },
  partitionBy: 'toStartOfInterval(ing, INTERVAL 5 MINUTE)',
  orderBy: 'service, name, ts',
  ttl: 'toDateTime(ing) + toIntervalMinute(15)',
  settings: { ttl_only_drop_parts: 1, index_granularity: 4096 },
  deduplicationWindow: 1000,
  shardBy: 'jk',
};

/**
 * What is kept.
 *
 * Partitions are days of `ts`, bounded by the day of arrival: a sender with a wrong clock, or one that delivers a month of old
 * spans at once, would otherwise make a part per day and insert. That would cost more than the parts: the deduplication
 * window counts parts, so an insert over a thousand days would push everything else out of it. Time stays as it was sent.
 * Parts know the range of `ts` they hold, so a search still reads only what it must.
 *
 * Retention counts from arrival, for the same reason: whole parts are dropped, and one span from the year 2100 would keep its
 * part for as long.
 *
 * The expression of the text index and the bucketed maps are for a tier that is written once and searched for weeks.
 */
const spansKept: Table = {
  name: 'spans',
  columns,
  indexes: [
    { name: 'ix_jk', expression: 'jk', type: 'bloom_filter(0.001)', granularity: 1 },
    { name: 'ix_ts', expression: 'ts', type: 'minmax', granularity: 1 },
    { name: 'ix_dur', expression: 'dur', type: 'minmax', granularity: 1 },
    { name: 'ix_seq', expression: 'seq', type: 'minmax', granularity: 1 },
    { name: 'ix_kv', expression: ITEMS, type: "text(tokenizer = 'array')" },
  ],
  engine: { family: 'MergeTree' },
  partitionBy: 'toDate(least(greatest(ts, ing - toIntervalDay(2)), ing + toIntervalDay(1)))',
  orderBy: 'toStartOfInterval(ts, INTERVAL 10 MINUTE), service, name, ts',
  ttl: 'toDateTime(ing) + toIntervalDay(15)',
  settings: {
    ttl_only_drop_parts: 1,
    index_granularity: 2048,
    // Merged parts keep map entries in 8 buckets by key: grouping by one tag reads an eighth. New parts stay plain.
    map_serialization_version: 'with_buckets',
    map_buckets_strategy: 'constant',
    max_buckets_in_map: 8,
    map_buckets_min_avg_size: 0,
  },
  deduplicationWindow: 1000,
  shardBy: 'jk',
};

/**
 * Statistics that senders computed themselves, as they sent them.
 *
 * Senders repeat a payload after a lost answer: the same content under the same runtime and sequence is one row. Senders that
 * number nothing are told apart by content alone.
 */
const clientStats: Table = {
  name: 'client_stats',
  columns: [
    { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
    { name: 'received', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'format', type: 'LowCardinality(String)' },
    { name: 'language', type: 'LowCardinality(String)' },
    { name: 'tracer_version', type: 'LowCardinality(String)' },
    { name: 'runtime_id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'sequence', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'hostname', type: 'LowCardinality(String)' },
    { name: 'env', type: 'LowCardinality(String)' },
    { name: 'service', type: 'LowCardinality(String)' },
    { name: 'version', type: 'LowCardinality(String)' },
    /** JSON of the payload as decoded. */
    { name: 'payload', type: 'String', codec: 'ZSTD(1)' },
    { name: 'digest', type: 'UInt64', materialized: 'cityHash64(payload)', codec: 'ZSTD(1)' },
  ],
  engine: { family: 'ReplacingMergeTree', version: 'received' },
  partitionBy: 'toDate(received)',
  orderBy: 'service, runtime_id, sequence, digest',
  ttl: 'toDateTime(received) + toIntervalDay(15)',
  settings: { ttl_only_drop_parts: 1 },
  deduplicationWindow: 1000,
  shardBy: 'cityHash64(runtime_id)',
};

/** The two span tables, and what clients counted themselves. */
export const spans: Migration = {
  id: 1,
  name: 'spans',
  steps: [
    { kind: 'create-table', table: spansLive },
    { kind: 'create-table', table: spansKept },
    { kind: 'create-table', table: clientStats },
  ],
};
