CREATE TABLE IF NOT EXISTS trace_keys (
  kind LowCardinality(String),
  key UInt64 CODEC(ZSTD(1)),
  trace_hi UInt64 CODEC(ZSTD(1)),
  trace_lo UInt64 CODEC(ZSTD(1)),
  env LowCardinality(String),
  ts DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  ing DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  INDEX ix_seq seq TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(ing)
ORDER BY (kind, key, trace_lo, trace_hi, env, ts)
TTL toDateTime(ing) + toIntervalDay(15)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 1024;

CREATE TABLE IF NOT EXISTS xray_versions (
  trace_hi UInt64,
  trace_lo UInt64,
  seq UInt64,
  ing DateTime64(3, 'UTC'),
  INDEX ix_seq seq TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(ing)
ORDER BY (trace_lo, trace_hi, seq)
TTL toDateTime(ing) + toIntervalDay(20)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 256;

CREATE TABLE IF NOT EXISTS xray_superseded (
  trace_hi UInt64,
  trace_lo UInt64,
  seq UInt64,
  ing DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree
ORDER BY (trace_lo, trace_hi, seq)
SETTINGS index_granularity = 256;
