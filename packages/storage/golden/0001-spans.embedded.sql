CREATE TABLE IF NOT EXISTS spans_live (
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  ing DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  ts DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  dur UInt64 CODEC(ZSTD(1)),
  trace_hi UInt64 CODEC(ZSTD(1)),
  trace_lo UInt64 CODEC(ZSTD(1)),
  jk UInt64 MATERIALIZED bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF) CODEC(ZSTD(1)),
  span_id UInt64 CODEC(ZSTD(1)),
  parent_id UInt64 CODEC(ZSTD(1)),
  source Enum8('other' = 0, 'dd' = 1, 'otel' = 2, 'xray' = 3),
  service LowCardinality(String) CODEC(ZSTD(1)),
  name LowCardinality(String) CODEC(ZSTD(1)),
  resource LowCardinality(String) CODEC(ZSTD(1)),
  type LowCardinality(String),
  kind UInt8,
  err UInt8 CODEC(ZSTD(1)),
  flags UInt8 CODEC(ZSTD(1)),
  priority Int8,
  env LowCardinality(String),
  version LowCardinality(String),
  fn LowCardinality(String),
  region LowCardinality(String),
  cold UInt8,
  http_status UInt16,
  http_method LowCardinality(String),
  keep_mask UInt64 CODEC(T64, ZSTD(1)),
  a Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  n Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
  b Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  links String CODEC(ZSTD(1)),
  events String CODEC(ZSTD(1)),
  typed String CODEC(ZSTD(1)),
  envelope LowCardinality(String) CODEC(ZSTD(1)),
  INDEX ix_jk jk TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_ts ts TYPE minmax GRANULARITY 1,
  INDEX ix_seq seq TYPE minmax GRANULARITY 1,
  INDEX ix_kv arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a)) TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toStartOfInterval(ing, INTERVAL 5 MINUTE)
ORDER BY (service, name, ts)
TTL toDateTime(ing) + toIntervalMinute(15)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 4096, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS spans (
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  ing DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  ts DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  dur UInt64 CODEC(ZSTD(1)),
  trace_hi UInt64 CODEC(ZSTD(1)),
  trace_lo UInt64 CODEC(ZSTD(1)),
  jk UInt64 MATERIALIZED bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF) CODEC(ZSTD(1)),
  span_id UInt64 CODEC(ZSTD(1)),
  parent_id UInt64 CODEC(ZSTD(1)),
  source Enum8('other' = 0, 'dd' = 1, 'otel' = 2, 'xray' = 3),
  service LowCardinality(String) CODEC(ZSTD(1)),
  name LowCardinality(String) CODEC(ZSTD(1)),
  resource LowCardinality(String) CODEC(ZSTD(1)),
  type LowCardinality(String),
  kind UInt8,
  err UInt8 CODEC(ZSTD(1)),
  flags UInt8 CODEC(ZSTD(1)),
  priority Int8,
  env LowCardinality(String),
  version LowCardinality(String),
  fn LowCardinality(String),
  region LowCardinality(String),
  cold UInt8,
  http_status UInt16,
  http_method LowCardinality(String),
  keep_mask UInt64 CODEC(T64, ZSTD(1)),
  a Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  n Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
  b Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  links String CODEC(ZSTD(1)),
  events String CODEC(ZSTD(1)),
  typed String CODEC(ZSTD(1)),
  envelope LowCardinality(String) CODEC(ZSTD(1)),
  INDEX ix_jk jk TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX ix_ts ts TYPE minmax GRANULARITY 1,
  INDEX ix_dur dur TYPE minmax GRANULARITY 1,
  INDEX ix_seq seq TYPE minmax GRANULARITY 1,
  INDEX ix_kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)) TYPE text(tokenizer = 'array')
) ENGINE = MergeTree
PARTITION BY toDate(least(greatest(ts, ing - toIntervalDay(2)), ing + toIntervalDay(1)))
ORDER BY (toStartOfInterval(ts, INTERVAL 10 MINUTE), service, name, ts)
TTL toDateTime(ing) + toIntervalDay(15)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 2048, map_serialization_version = 'with_buckets', map_buckets_strategy = 'constant', max_buckets_in_map = 8, map_buckets_min_avg_size = 0, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS client_stats (
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  received DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  format LowCardinality(String),
  language LowCardinality(String),
  tracer_version LowCardinality(String),
  runtime_id String CODEC(ZSTD(1)),
  sequence UInt64 CODEC(ZSTD(1)),
  hostname LowCardinality(String),
  env LowCardinality(String),
  service LowCardinality(String),
  version LowCardinality(String),
  payload String CODEC(ZSTD(1)),
  digest UInt64 MATERIALIZED cityHash64(payload) CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(received)
PARTITION BY toDate(received)
ORDER BY (service, runtime_id, sequence, digest)
TTL toDateTime(received) + toIntervalDay(15)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;
