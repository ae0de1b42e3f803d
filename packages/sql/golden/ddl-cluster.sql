CREATE TABLE IF NOT EXISTS events_local ON CLUSTER spanloom (
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  ts DateTime64(9, 'UTC'),
  trace_lo UInt64,
  jk UInt64 MATERIALIZED bitAnd(trace_lo, 0x7FFFFFFFFFFFFFFF) CODEC(ZSTD(1)),
  env LowCardinality(String) DEFAULT 'none',
  a Map(LowCardinality(String), String),
  INDEX ix_jk jk TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX ix_kv arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)) TYPE text(tokenizer = 'array')
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/spanloom/events', '{replica}')
PARTITION BY toDate(ts)
ORDER BY (env, ts)
TTL toDateTime(ts) + INTERVAL 15 DAY
SETTINGS index_granularity = 2048, map_serialization_version = 'with_buckets';

CREATE TABLE IF NOT EXISTS totals_local ON CLUSTER spanloom (
  env LowCardinality(String),
  hits SimpleAggregateFunction(sum, UInt64)
) ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/spanloom/totals', '{replica}')
ORDER BY (env);

CREATE TABLE IF NOT EXISTS decisions_local ON CLUSTER spanloom (
  jk UInt64,
  tick UInt32
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/spanloom/decisions', '{replica}', tick)
ORDER BY (jk);

CREATE TABLE IF NOT EXISTS events ON CLUSTER spanloom AS events_local
ENGINE = Distributed(spanloom, spanloom, events_local, jk);

CREATE TABLE IF NOT EXISTS totals ON CLUSTER spanloom AS totals_local
ENGINE = Distributed(spanloom, spanloom, totals_local, rand());

CREATE TABLE IF NOT EXISTS decisions ON CLUSTER spanloom AS decisions_local
ENGINE = Distributed(spanloom, spanloom, decisions_local, jk);

CREATE MATERIALIZED VIEW IF NOT EXISTS totals_mv ON CLUSTER spanloom TO totals_local AS
SELECT env, count() AS hits
FROM events_local
GROUP BY env;

DROP VIEW IF EXISTS totals_mv ON CLUSTER spanloom SYNC;

ALTER TABLE events_local ON CLUSTER spanloom ADD COLUMN IF NOT EXISTS region LowCardinality(String) DEFAULT '' CODEC(ZSTD(1)) AFTER env;

ALTER TABLE events ON CLUSTER spanloom ADD COLUMN IF NOT EXISTS region LowCardinality(String) DEFAULT '' AFTER env;

ALTER TABLE events_local ON CLUSTER spanloom ADD INDEX IF NOT EXISTS ix_ts ts TYPE minmax GRANULARITY 1;

ALTER TABLE events_local ON CLUSTER spanloom MODIFY TTL toDateTime(ts) + INTERVAL 30 DAY SETTINGS materialize_ttl_after_modify = 0;

DROP TABLE IF EXISTS decisions ON CLUSTER spanloom SYNC;

DROP TABLE IF EXISTS decisions_local ON CLUSTER spanloom SYNC;
