import type { Table } from '@spanloom/sql';
import type { Migration } from '../migration.ts';

/**
 * Facts by which traces of different ids are found to belong together: looked up by key, a few at a time.
 *
 * One row of several that state the same. Refetched traces state everything again, and on another day in another partition, so
 * whoever reads folds too.
 */
const traceKeys: Table = {
  name: 'trace_keys',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'key', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'trace_hi', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'trace_lo', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'env', type: 'LowCardinality(String)' },
    /** Start of the span that states it. */
    { name: 'ts', type: "DateTime64(9, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'ing', type: "DateTime64(3, 'UTC')", codec: 'Delta(8), ZSTD(1)' },
    { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
  ],
  indexes: [{ name: 'ix_seq', expression: 'seq', type: 'minmax', granularity: 1 }],
  engine: { family: 'ReplacingMergeTree' },
  partitionBy: 'toDate(ing)',
  orderBy: 'kind, key, trace_lo, trace_hi, env, ts',
  ttl: 'toDateTime(ing) + toIntervalDay(15)',
  settings: { ttl_only_drop_parts: 1, index_granularity: 1024 },
  shardBy: 'key',
};

/** Which batch each fetched version of an X-Ray trace came with. */
const xrayVersions: Table = {
  name: 'xray_versions',
  columns: [
    { name: 'trace_hi', type: 'UInt64' },
    { name: 'trace_lo', type: 'UInt64' },
    { name: 'seq', type: 'UInt64' },
    { name: 'ing', type: "DateTime64(3, 'UTC')" },
  ],
  indexes: [{ name: 'ix_seq', expression: 'seq', type: 'minmax', granularity: 1 }],
  engine: { family: 'ReplacingMergeTree' },
  partitionBy: 'toDate(ing)',
  orderBy: 'trace_lo, trace_hi, seq',
  ttl: 'toDateTime(ing) + toIntervalDay(20)',
  // Each batch looks a few hundred traces up, which lie anywhere.
  settings: { ttl_only_drop_parts: 1, index_granularity: 256 },
  shardBy: 'bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF)',
};

/**
 * Versions that a later one replaced and whose rows are still in the span tables. Readers leave those out. Empty most of the
 * time, and without a time to live: only who deletes the rows may delete what hides them.
 */
const xraySuperseded: Table = {
  name: 'xray_superseded',
  columns: [
    { name: 'trace_hi', type: 'UInt64' },
    { name: 'trace_lo', type: 'UInt64' },
    { name: 'seq', type: 'UInt64' },
    { name: 'ing', type: "DateTime64(3, 'UTC')" },
  ],
  engine: { family: 'ReplacingMergeTree' },
  orderBy: 'trace_lo, trace_hi, seq',
  settings: { index_granularity: 256 },
  shardBy: 'bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF)',
};

/** Finding a trace by other ids than its own, and fetched traces that take the place of their earlier versions. */
export const traceKeysAndVersions: Migration = {
  id: 2,
  name: 'trace-keys',
  steps: [
    { kind: 'create-table', table: traceKeys },
    { kind: 'create-table', table: xrayVersions },
    { kind: 'create-table', table: xraySuperseded },
  ],
};
