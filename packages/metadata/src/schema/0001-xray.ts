import type { Migration } from './migration.ts';

/** What the X-Ray crawler remembers. Times are ms since the epoch; sizes of columns are those both databases give a bigint. */
export const xrayTables: Migration = {
  id: 1,
  name: 'xray',
  statements: [
    `CREATE TABLE xray_region (
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       mode TEXT NOT NULL,
       mode_checked BIGINT,
       permissions_checked BIGINT,
       last_success BIGINT,
       over_budget BIGINT,
       PRIMARY KEY (account, region)
     )`,
    `CREATE TABLE xray_checkpoint (
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       sweep TEXT NOT NULL,
       until BIGINT,
       last_run BIGINT,
       PRIMARY KEY (account, region, sweep)
     )`,
    `CREATE TABLE xray_trace (
       xray_id TEXT NOT NULL PRIMARY KEY,
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       revision BIGINT NOT NULL,
       fetched_revision BIGINT,
       content_hash TEXT,
       state TEXT NOT NULL,
       written_state TEXT,
       is_open BIGINT NOT NULL,
       attempts BIGINT NOT NULL,
       absences BIGINT NOT NULL,
       priority BIGINT NOT NULL,
       first_seen BIGINT NOT NULL,
       last_fetched BIGINT,
       last_changed BIGINT,
       next_fetch BIGINT,
       listed_end BIGINT,
       trace_end BIGINT
     )`,
    // The queue of the fetcher: only the few traces that wait for something are in it.
    `CREATE INDEX xray_trace_due ON xray_trace (account, region, priority, next_fetch) WHERE next_fetch IS NOT NULL`,
    // Never updated after the insert, unlike the time a trace was last seen, so pruning costs nothing until it runs.
    `CREATE INDEX xray_trace_first_seen ON xray_trace (first_seen)`,
    // Other accounts and regions that have a trace too: a part of their own, or a copy.
    `CREATE TABLE xray_trace_source (
       xray_id TEXT NOT NULL,
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       revision BIGINT NOT NULL,
       kind TEXT NOT NULL,
       PRIMARY KEY (xray_id, account, region)
     )`,
    // Kept up to date with each change of a trace: a month of a busy region is tens of millions of rows, too many to count.
    `CREATE TABLE xray_trace_count (
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       state TEXT NOT NULL,
       traces BIGINT NOT NULL,
       PRIMARY KEY (account, region, state)
     )`,
    `CREATE TABLE xray_backfill (
       id TEXT NOT NULL PRIMARY KEY,
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       from_time BIGINT NOT NULL,
       to_time BIGINT NOT NULL,
       listed_down_to BIGINT NOT NULL,
       state TEXT NOT NULL,
       traces BIGINT NOT NULL,
       error TEXT,
       created BIGINT NOT NULL
     )`,
    `CREATE TABLE xray_usage (
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       month TEXT NOT NULL,
       scanned BIGINT NOT NULL,
       retrieved BIGINT NOT NULL,
       PRIMARY KEY (account, region, month)
     )`,
    `CREATE TABLE xray_permission (
       account TEXT NOT NULL,
       region TEXT NOT NULL,
       action TEXT NOT NULL,
       required BIGINT NOT NULL,
       purpose TEXT NOT NULL,
       status TEXT NOT NULL,
       message TEXT,
       PRIMARY KEY (account, region, action)
     )`,
  ],
};
