CREATE TABLE IF NOT EXISTS events (
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  ts DateTime64(9, 'UTC'),
  trace_lo UInt64,
  jk UInt64 MATERIALIZED bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF) CODEC(ZSTD(1)),
  env LowCardinality(String) DEFAULT 'none',
  a Map(LowCardinality(String), String),
  INDEX ix_jk jk TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)) TYPE text(tokenizer = 'array')
) ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (env, ts)
TTL toDateTime(ts) + INTERVAL 15 DAY
SETTINGS index_granularity = 2048, map_serialization_version = 'with_buckets', non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS totals (
  env LowCardinality(String),
  hits SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree
ORDER BY (env);

CREATE MATERIALIZED VIEW IF NOT EXISTS totals_mv TO totals AS
SELECT env, count() AS hits
FROM events
GROUP BY env;

CREATE TABLE IF NOT EXISTS decisions (
  jk UInt64,
  tick UInt32
) ENGINE = ReplacingMergeTree(tick)
ORDER BY (jk);

DROP VIEW IF EXISTS totals_mv;

ALTER TABLE events ADD COLUMN IF NOT EXISTS region LowCardinality(String) DEFAULT '' CODEC(ZSTD(1)) AFTER env;

ALTER TABLE events ADD INDEX IF NOT EXISTS ix_ts ts TYPE minmax GRANULARITY 1;

ALTER TABLE events MODIFY TTL toDateTime(ts) + INTERVAL 30 DAY SETTINGS materialize_ttl_after_modify = 0;

DROP TABLE IF EXISTS decisions;
