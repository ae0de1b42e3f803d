import { attributeIndexes, spanColumns, spanTables, type Table } from '@spanloom/sql';

/** How many recent inserts a table remembers, counted in parts: see the partitions below. */
const DEDUPLICATION_WINDOW = 1000;

/** How long spans stay, in the words the engine itself prints, so that a changed setting can be told from an unchanged one. */
export function liveTtl(minutes: number): string {
  return `toDateTime(ing) + toIntervalMinute(${minutes})`;
}

/** As `liveTtl`, for what is kept. */
export function keptTtl(days: number): string {
  return `toDateTime(ing) + toIntervalDay(${days})`;
}

export const DEFAULT_LIVE_MINUTES = 15;
export const DEFAULT_KEPT_DAYS = 15;

/**
 * Everything that came in the last minutes. Partitions follow the clock of arrival, so that a whole one can be dropped when its
 * time is over, and hold no index that makes inserting slow.
 */
export const spansLive: Table = {
  name: spanTables.live.name,
  columns: spanColumns,
  indexes: [
    { name: 'ix_jk', expression: 'jk', type: 'bloom_filter(0.01)', granularity: 1 },
    { name: 'ix_ts', expression: 'ts', type: 'minmax', granularity: 1 },
    { name: 'ix_seq', expression: 'seq', type: 'minmax', granularity: 1 },
    attributeIndexes[spanTables.live.itemIndex],
  ],
  engine: { family: 'MergeTree' },
  partitionBy: 'toStartOfInterval(ing, INTERVAL 5 MINUTE)',
  orderBy: 'service, name, ts',
  ttl: liveTtl(DEFAULT_LIVE_MINUTES),
  settings: { ttl_only_drop_parts: 1, index_granularity: 4096 },
  deduplicationWindow: DEDUPLICATION_WINDOW,
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
export const spansKept: Table = {
  name: spanTables.kept.name,
  columns: spanColumns,
  indexes: [
    { name: 'ix_jk', expression: 'jk', type: 'bloom_filter(0.001)', granularity: 1 },
    { name: 'ix_ts', expression: 'ts', type: 'minmax', granularity: 1 },
    { name: 'ix_dur', expression: 'dur', type: 'minmax', granularity: 1 },
    { name: 'ix_seq', expression: 'seq', type: 'minmax', granularity: 1 },
    attributeIndexes[spanTables.kept.itemIndex],
  ],
  engine: { family: 'MergeTree' },
  partitionBy: 'toDate(least(greatest(ts, ing - toIntervalDay(2)), ing + toIntervalDay(1)))',
  orderBy: 'toStartOfInterval(ts, INTERVAL 10 MINUTE), service, name, ts',
  ttl: keptTtl(DEFAULT_KEPT_DAYS),
  settings: {
    ttl_only_drop_parts: 1,
    index_granularity: 2048,
    // Merged parts keep map entries in 8 buckets by key: grouping by one tag reads an eighth. New parts stay plain.
    map_serialization_version: 'with_buckets',
    map_buckets_strategy: 'constant',
    max_buckets_in_map: 8,
    map_buckets_min_avg_size: 0,
  },
  deduplicationWindow: DEDUPLICATION_WINDOW,
  shardBy: 'jk',
};
