/** The tables as they are stored. Booleans are 0 and 1, times are ms since the epoch. */
export interface Tables {
  readonly schema_migration: MigrationTable;
  readonly xray_region: XRayRegionTable;
  readonly xray_checkpoint: XRayCheckpointTable;
  readonly xray_trace: XRayTraceTable;
  readonly xray_trace_source: XRayTraceSourceTable;
  readonly xray_trace_count: XRayTraceCountTable;
  readonly xray_backfill: XRayBackfillTable;
  readonly xray_usage: XRayUsageTable;
  readonly xray_permission: XRayPermissionTable;
}

interface MigrationTable {
  id: number;
  name: string;
  checksum: string;
  applied: number;
}

interface RegionKey {
  account: string;
  region: string;
}

interface XRayRegionTable extends RegionKey {
  mode: string;
  mode_checked: number | null;
  permissions_checked: number | null;
  last_success: number | null;
  /** Since when the month's budget is used up. */
  over_budget: number | null;
  /** From when on traces have been listed. */
  read_since: number | null;
}

interface XRayCheckpointTable extends RegionKey {
  sweep: string;
  until: number | null;
  last_run: number | null;
}

/** One row of `xray_trace`. */
export interface XRayTraceTable extends RegionKey {
  xray_id: string;
  revision: number;
  fetched_revision: number | null;
  content_hash: string | null;
  state: string;
  written_state: string | null;
  is_open: number;
  attempts: number;
  absences: number;
  priority: number;
  first_seen: number;
  last_fetched: number | null;
  last_changed: number | null;
  next_fetch: number | null;
  listed_end: number | null;
  trace_end: number | null;
}

interface XRayTraceSourceTable extends RegionKey {
  xray_id: string;
  revision: number;
  kind: string;
  documents: string | null;
  owner_revision: number | null;
  noticed_revision: number | null;
}

interface XRayTraceCountTable extends RegionKey {
  state: string;
  traces: number;
}

/** One row of `xray_backfill`. */
export interface XRayBackfillTable extends RegionKey {
  id: string;
  from_time: number;
  to_time: number;
  listed_down_to: number;
  state: string;
  traces: number;
  error: string | null;
  created: number;
}

interface XRayUsageTable extends RegionKey {
  /** `2026-11`, in UTC. */
  month: string;
  scanned: number;
  retrieved: number;
}

interface XRayPermissionTable extends RegionKey {
  action: string;
  required: number;
  purpose: string;
  status: string;
  message: string | null;
}
