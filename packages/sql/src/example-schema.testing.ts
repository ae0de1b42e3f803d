import type { SchemaStep } from './schema.ts';

/** A schema that uses everything the model has. */
export const exampleSchema: readonly SchemaStep[] = [
  {
    kind: 'create-table',
    table: {
      name: 'events',
      columns: [
        { name: 'seq', type: 'UInt64', codec: 'Delta(8), ZSTD(1)' },
        { name: 'ts', type: "DateTime64(9, 'UTC')" },
        { name: 'trace_lo', type: 'UInt64' },
        {
          name: 'jk',
          type: 'UInt64',
          materialized: 'bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF)',
          codec: 'ZSTD(1)',
        },
        { name: 'env', type: 'LowCardinality(String)', default: "'none'" },
        { name: 'a', type: 'Map(LowCardinality(String), String)' },
      ],
      indexes: [
        { name: 'ix_jk', expression: 'jk', type: 'bloom_filter(0.01)', granularity: 1 },
        {
          name: 'ix_kv',
          expression: "arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a))",
          type: "text(tokenizer = 'array')",
        },
      ],
      engine: { family: 'MergeTree' },
      partitionBy: 'toDate(ts)',
      orderBy: 'env, ts',
      ttl: 'toDateTime(ts) + INTERVAL 15 DAY',
      settings: { index_granularity: 2048, map_serialization_version: 'with_buckets' },
      deduplicationWindow: 1000,
      shardBy: 'jk',
    },
  },
  {
    kind: 'create-table',
    table: {
      name: 'totals',
      columns: [
        { name: 'env', type: 'LowCardinality(String)' },
        { name: 'hits', type: 'SimpleAggregateFunction(sum, UInt64)' },
      ],
      engine: { family: 'AggregatingMergeTree' },
      orderBy: 'env',
    },
  },
  {
    kind: 'create-view',
    view: {
      name: 'totals_mv',
      from: 'events',
      to: 'totals',
      select: (from) => `SELECT env, count() AS hits\nFROM ${from}\nGROUP BY env`,
    },
  },
  {
    kind: 'create-table',
    table: {
      name: 'decisions',
      columns: [
        { name: 'jk', type: 'UInt64' },
        { name: 'tick', type: 'UInt32' },
      ],
      engine: { family: 'ReplacingMergeTree', version: 'tick' },
      orderBy: 'jk',
      shardBy: 'jk',
    },
  },
];

/** Later changes of it. */
export const exampleChanges: readonly SchemaStep[] = [
  { kind: 'drop-view', name: 'totals_mv' },
  {
    kind: 'add-column',
    table: 'events',
    column: { name: 'region', type: 'LowCardinality(String)', default: "''", codec: 'ZSTD(1)' },
    after: 'env',
  },
  {
    kind: 'add-index',
    table: 'events',
    index: { name: 'ix_ts', expression: 'ts', type: 'minmax', granularity: 1 },
  },
  { kind: 'set-ttl', table: 'events', ttl: 'toDateTime(ts) + INTERVAL 30 DAY' },
  { kind: 'drop-table', name: 'decisions' },
];
