CREATE TABLE IF NOT EXISTS trace_keys_local ON CLUSTER main (
  kind LowCardinality(String),
  key UInt64 CODEC(ZSTD(1)),
  trace_hi UInt64 CODEC(ZSTD(1)),
  trace_lo UInt64 CODEC(ZSTD(1)),
  env LowCardinality(String),
  ts DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  ing DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  INDEX ix_seq seq TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/spanloom/trace_keys', '{replica}')
PARTITION BY toDate(ing)
ORDER BY (kind, key, trace_lo, trace_hi, env, ts)
TTL toDateTime(ing) + toIntervalDay(15)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 1024;

CREATE TABLE IF NOT EXISTS xray_versions_local ON CLUSTER main (
  trace_hi UInt64,
  trace_lo UInt64,
  seq UInt64,
  ing DateTime64(3, 'UTC'),
  INDEX ix_seq seq TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/spanloom/xray_versions', '{replica}')
PARTITION BY toDate(ing)
ORDER BY (trace_lo, trace_hi, seq)
TTL toDateTime(ing) + toIntervalDay(20)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 256;

CREATE TABLE IF NOT EXISTS xray_superseded_local ON CLUSTER main (
  trace_hi UInt64,
  trace_lo UInt64,
  seq UInt64,
  ing DateTime64(3, 'UTC')
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/spanloom/xray_superseded', '{replica}')
ORDER BY (trace_lo, trace_hi, seq)
SETTINGS index_granularity = 256;

CREATE TABLE IF NOT EXISTS trace_keys ON CLUSTER main AS trace_keys_local
ENGINE = Distributed(main, spanloom, trace_keys_local, key);

CREATE TABLE IF NOT EXISTS xray_versions ON CLUSTER main AS xray_versions_local
ENGINE = Distributed(main, spanloom, xray_versions_local, bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF));

CREATE TABLE IF NOT EXISTS xray_superseded ON CLUSTER main AS xray_superseded_local
ENGINE = Distributed(main, spanloom, xray_superseded_local, bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF));
