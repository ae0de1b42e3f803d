import type { Table } from '@spanloom/sql';

/**
 * Statistics that senders computed themselves, as they sent them.
 *
 * Senders repeat a payload after a lost answer: the same content under the same runtime and sequence is one row. Senders that
 * number nothing are told apart by content alone.
 */
export const clientStats: Table = {
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
