CREATE TABLE IF NOT EXISTS schema_migration_local ON CLUSTER main (
  id UInt32,
  name String,
  checksum String,
  applied DateTime64(3, 'UTC')
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/spanloom/schema_migration', '{replica}', applied)
ORDER BY (id);

CREATE TABLE IF NOT EXISTS schema_migration ON CLUSTER main AS schema_migration_local
ENGINE = Distributed(main, spanloom, schema_migration_local, rand());
