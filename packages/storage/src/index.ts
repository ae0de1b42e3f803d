/** The port to the engine, and what its statements may fail with. */
export type {
  BrokenPart,
  CommandOptions,
  Database,
  QueryLimits,
  QueryOptions,
  StagedBlock,
} from './database.ts';
export { DatabaseError } from './database-error.ts';
/** The engine inside this process. */
export { openEmbeddedDatabase } from './embedded/chdb-database.ts';
export { ENGINE_DEFAULTS, type EngineOptions } from './embedded/engine-options.ts';
/** The schema, and how long things stay. */
export { migrate, type MigrateOptions } from './schema/migrate.ts';
export { DEFAULT_KEPT_DAYS, DEFAULT_LIVE_MINUTES, type Retention } from './schema/retention.ts';
/** From payloads to rows, with a promise that none is lost. */
export type { BatchObserver } from './writer/batch-observer.ts';
export { type Rotation, Writer, type WriterOptions, type WriterStatus } from './writer/writer.ts';
export type { RecordReaders } from './writer/record-readers.ts';
export {
  DEFAULT_SUPERSEDED_SWEEP,
  type SupersededSweepOptions,
} from './writer/superseded-sweep.ts';
export { DEFAULT_LIMITS, type WriterLimits } from './writer/room.ts';
/** Statistics that senders computed, as a row. */
export type { ClientStatsRow } from './native/stats-block.ts';
/** Reading. */
export { type RecentSearch, type SearchPage, type SpanSearch, SpanStore } from './span-store.ts';
export type { StoredSpan } from './stored-span.ts';
export type { Environment } from './queries/environments.ts';
export type { TimeRange } from './queries/search-spans.ts';
export type { TableSize } from './queries/table-sizes.ts';
/** Computing over spans. */
export {
  type AggregatedGroup,
  type AggregationResult,
  type SpanAggregation,
  SpanAnalytics,
} from './span-analytics.ts';
/** Services and their calls. */
export { type ServiceMap, SpanServices } from './span-services.ts';
export type { EntityClass, ServiceCall, ServiceNode } from './service-graph.ts';
/** Where the crash harness can have the process killed. */
export { type Failpoint, FAILPOINTS } from './failpoint.ts';
