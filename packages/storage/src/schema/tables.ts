import { spanTables } from '@spanloom/sql';

/** A table by its name: all that statements need. What it is made of says the migration that made it. */
export interface TableName {
  readonly name: string;
}

/** Everything of the last minutes. */
export const spansLive: TableName = spanTables.live;
/** What is kept. */
export const spansKept: TableName = spanTables.kept;
/** Statistics that senders computed themselves. */
export const clientStats: TableName = { name: 'client_stats' };
/** Facts by which traces of different ids are found to belong together. */
export const traceKeys: TableName = { name: 'trace_keys' };
/** Which batch each fetched version of an X-Ray trace came with. */
export const xrayVersions: TableName = { name: 'xray_versions' };
/** Versions that a later one replaced and whose rows are still in the span tables. */
export const xraySuperseded: TableName = { name: 'xray_superseded' };
