import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import {
  priorityNumber,
  traceFromRow,
  traceToRow,
  type XRayPriority,
  type XRayTrace,
  type XRayTraceState,
} from './xray-trace.ts';
import {
  type ListedElsewhere,
  noteSources,
  setSourceKind,
  sourcesOf,
  type XRayTraceSource,
} from './xray-sources.ts';

/** An account and one of its regions. */
export interface RegionId {
  readonly account: string;
  readonly region: string;
}

/** How the traces of a region are read. */
export type XRayReadMode = 'unknown' | 'classic' | 'transaction-search';

/** Facts about one region. Times are ms since the epoch. */
export interface XRayRegionFacts {
  readonly mode: XRayReadMode;
  readonly modeChecked: number | undefined;
  readonly permissionsChecked: number | undefined;
  readonly lastSuccess: number | undefined;
  /** Since when nothing is read because the month's budget is used up. */
  readonly overBudget: number | undefined;
  /** From when on its traces have been listed. */
  readonly readSince: number | undefined;
}

/** How far one sweep has got. */
export interface XRayCheckpoint {
  readonly sweep: string;
  /** Everything before has been listed. */
  readonly until: number | undefined;
  readonly lastRun: number | undefined;
}

/** What AWS charges for: traces it looked at, and traces it returned. */
export interface XRayUsage {
  /** `2026-11`, in UTC. */
  readonly month: string;
  readonly scanned: number;
  readonly retrieved: number;
}

/** Whether a call is allowed, as last tried. */
export interface XRayPermissionFact {
  readonly action: string;
  readonly required: boolean;
  readonly purpose: string;
  readonly status: 'allowed' | 'denied' | 'unknown';
  readonly message: string | undefined;
}

/** What goes into the same transaction as the traces it belongs to. */
export interface AlongWithTraces {
  readonly usage?: XRayUsage;
  readonly checkpoint?: XRayCheckpoint;
  readonly elsewhere?: ElsewhereUpdate;
  readonly backfill?: {
    readonly id: string;
    readonly listedDownTo?: number;
    readonly traces: number;
  };
}

/** What a region has listed of traces that others bring, and what is to become of them for it. */
export interface ElsewhereUpdate extends ListedElsewhere {
  /** Undefined leaves the trace as it is. */
  readonly reopen: (known: XRayTrace) => XRayTrace | undefined;
}

/** Rows of one statement: 18 parameters each, of the 32,766 SQLite takes. */
const ROWS = 200;

/** What the X-Ray crawler remembers between two runs. Each method is one transaction. */
export class XRayState {
  readonly #database: Kysely<Tables>;

  constructor(database: Kysely<Tables>) {
    this.#database = database;
  }

  /** Undefined before `saveRegion`. */
  async region({ account, region }: RegionId): Promise<XRayRegionFacts | undefined> {
    const row = await this.#database
      .selectFrom('xray_region')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      mode: row.mode as XRayReadMode,
      modeChecked: row.mode_checked ?? undefined,
      permissionsChecked: row.permissions_checked ?? undefined,
      lastSuccess: row.last_success ?? undefined,
      overBudget: row.over_budget ?? undefined,
      readSince: row.read_since ?? undefined,
    };
  }

  async saveRegion({ account, region }: RegionId, facts: XRayRegionFacts): Promise<void> {
    const values = {
      mode: facts.mode,
      mode_checked: facts.modeChecked ?? null,
      permissions_checked: facts.permissionsChecked ?? null,
      last_success: facts.lastSuccess ?? null,
      over_budget: facts.overBudget ?? null,
      read_since: facts.readSince ?? null,
    };
    await this.#database
      .insertInto('xray_region')
      .values({ account, region, ...values })
      .onConflict((conflict) => conflict.columns(['account', 'region']).doUpdateSet(values))
      .execute();
  }

  async checkpoints({ account, region }: RegionId): Promise<readonly XRayCheckpoint[]> {
    const rows = await this.#database
      .selectFrom('xray_checkpoint')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .orderBy('sweep')
      .execute();
    return rows.map(({ sweep, until, last_run }) => ({
      sweep,
      until: until ?? undefined,
      lastRun: last_run ?? undefined,
    }));
  }

  async saveCheckpoint(id: RegionId, checkpoint: XRayCheckpoint): Promise<void> {
    await saveCheckpoint(this.#database, id, checkpoint);
  }

  /**
   * Reads the traces of `ids`, asks `decide` for each what it shall be, and writes those that change; `along` goes into the same
   * transaction, so a checkpoint never stands for a trace that is not remembered. Nothing else changes a trace meanwhile.
   *
   * @param decide Given what is known of the trace. Undefined leaves it as it is.
   * @param along Asked after all is decided.
   */
  async updateTraces(
    id: RegionId,
    ids: readonly string[],
    decide: (xrayId: string, known: XRayTrace | undefined) => XRayTrace | undefined,
    along: () => AlongWithTraces = () => ({}),
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await changeTraces(transaction, ids, decide);
      const { usage, checkpoint, elsewhere, backfill } = along();
      if (elsewhere !== undefined) {
        const fresh = await noteSources(transaction, id, elsewhere);
        await changeTraces(transaction, fresh, (_, known) => known && elsewhere.reopen(known));
      }
      if (usage !== undefined) await addUsage(transaction, id, usage);
      if (checkpoint !== undefined) await saveCheckpoint(transaction, id, checkpoint);
      if (backfill !== undefined) {
        await transaction
          .updateTable('xray_backfill')
          .set((row) => ({
            traces: row('traces', '+', backfill.traces),
            ...(backfill.listedDownTo !== undefined && { listed_down_to: backfill.listedDownTo }),
          }))
          .where('id', '=', backfill.id)
          .execute();
      }
    });
  }

  /** The other accounts and regions that may add to these traces. */
  async sources(ids: readonly string[]): Promise<readonly XRayTraceSource[]> {
    return sourcesOf(this.#database, ids);
  }

  /** Notes what a source has turned out to be. */
  async saveSource(source: XRayTraceSource): Promise<void> {
    await setSourceKind(this.#database, source);
  }

  async trace(xrayId: string): Promise<XRayTrace | undefined> {
    return (await tracesById(this.#database, [xrayId])).get(xrayId);
  }

  /** Traces to fetch by `before`, the most urgent first. */
  async dueTraces(
    { account, region }: RegionId,
    options: { before: number; limit: number; priority: XRayPriority },
  ): Promise<readonly XRayTrace[]> {
    const rows = await this.#database
      .selectFrom('xray_trace')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .where('priority', '=', priorityNumber(options.priority))
      .where('next_fetch', '<=', options.before)
      .orderBy('next_fetch')
      .limit(options.limit)
      .execute();
    return rows.map(traceFromRow);
  }

  /** How many traces have never been fetched and wait for it; counting stops at `limit`. */
  async waiting(
    { account, region }: RegionId,
    priority: XRayPriority,
    limit: number,
  ): Promise<number> {
    const row = await this.#database
      .selectFrom(
        this.#database
          .selectFrom('xray_trace')
          .select('xray_id')
          .where('account', '=', account)
          .where('region', '=', region)
          .where('priority', '=', priorityNumber(priority))
          .where('next_fetch', 'is not', null)
          .where('state', '=', 'new')
          .limit(limit)
          .as('few'),
      )
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return row.count;
  }

  /** How many traces of a region are in each state. */
  async countStates({
    account,
    region,
  }: RegionId): Promise<Partial<Record<XRayTraceState, number>>> {
    const rows = await this.#database
      .selectFrom('xray_trace_count')
      .select(['state', 'traces'])
      .where('account', '=', account)
      .where('region', '=', region)
      .where('traces', '>', 0)
      .execute();
    return Object.fromEntries(rows.map(({ state, traces }) => [state, traces]));
  }

  /** Forgets up to `limit` traces that were first seen before. @returns How many. */
  async pruneTraces(firstSeenBefore: number, limit: number): Promise<number> {
    return this.#database.transaction().execute(async (transaction) => {
      const old = transaction
        .selectFrom('xray_trace')
        .select('xray_id')
        .where('first_seen', '<', firstSeenBefore)
        .limit(limit);
      const rows = await transaction
        .deleteFrom('xray_trace')
        .where('xray_id', 'in', old)
        .returning(['xray_id', 'account', 'region', 'state'])
        .execute();
      const counts = new StateCounts();
      for (const row of rows) counts.add(row, -1);
      await counts.save(transaction);
      if (rows.length > 0) {
        const ids = rows.map(({ xray_id }) => xray_id);
        await transaction.deleteFrom('xray_trace_source').where('xray_id', 'in', ids).execute();
      }
      return rows.length;
    });
  }

  /** Regions of an account of which something is remembered. */
  async knownRegions(account: string): Promise<readonly string[]> {
    const rows = await this.#database
      .selectFrom('xray_region')
      .select('region')
      .where('account', '=', account)
      .orderBy('region')
      .execute();
    return rows.map(({ region }) => region);
  }

  async addUsage(id: RegionId, usage: XRayUsage): Promise<void> {
    await addUsage(this.#database, id, usage);
  }

  /** Of all regions of an account. */
  async usage(
    account: string,
    month: string,
  ): Promise<readonly (XRayUsage & { readonly region: string })[]> {
    return this.#database
      .selectFrom('xray_usage')
      .select(['region', 'month', 'scanned', 'retrieved'])
      .where('account', '=', account)
      .where('month', '=', month)
      .orderBy('region')
      .execute();
  }

  async permissions({ account, region }: RegionId): Promise<readonly XRayPermissionFact[]> {
    const rows = await this.#database
      .selectFrom('xray_permission')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .orderBy('required', 'desc')
      .orderBy('action')
      .execute();
    return rows.map((row) => ({
      action: row.action,
      required: row.required === 1,
      purpose: row.purpose,
      status: row.status as XRayPermissionFact['status'],
      message: row.message ?? undefined,
    }));
  }

  /** Replaces what was known. */
  async savePermissions(
    { account, region }: RegionId,
    permissions: readonly XRayPermissionFact[],
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('xray_permission')
        .where('account', '=', account)
        .where('region', '=', region)
        .execute();
      if (permissions.length === 0) return;
      await transaction
        .insertInto('xray_permission')
        .values(
          permissions.map(({ action, required, purpose, status, message }) => ({
            account,
            region,
            action,
            required: required ? 1 : 0,
            purpose,
            status,
            message: message ?? null,
          })),
        )
        .execute();
    });
  }
}

type Connection = Kysely<Tables> | Transaction<Tables>;

interface Counted {
  readonly account: string;
  readonly region: string;
  readonly state: string;
}

/** Changes of how many traces are in each state. */
class StateCounts {
  readonly #changes = new Map<string, { where: Counted; change: number }>();

  add({ account, region, state }: Counted, change: 1 | -1): void {
    const key = `${account} ${region} ${state}`;
    const known = this.#changes.get(key);
    if (known !== undefined) known.change += change;
    else this.#changes.set(key, { where: { account, region, state }, change });
  }

  async save(database: Connection): Promise<void> {
    const rows = [...this.#changes.values()].filter(({ change }) => change !== 0);
    if (rows.length === 0) return;
    await database
      .insertInto('xray_trace_count')
      .values(rows.map(({ where, change }) => ({ ...where, traces: change })))
      .onConflict((conflict) =>
        conflict.columns(['account', 'region', 'state']).doUpdateSet({
          traces: sql<number>`xray_trace_count.traces + excluded.traces`,
        }),
      )
      .execute();
  }
}

async function changeTraces(
  transaction: Transaction<Tables>,
  ids: readonly string[],
  decide: (xrayId: string, known: XRayTrace | undefined) => XRayTrace | undefined,
): Promise<void> {
  for (let start = 0; start < ids.length; start += ROWS) {
    const some = [...new Set(ids.slice(start, start + ROWS))];
    const known = await tracesById(transaction, some);
    const changed: XRayTrace[] = [];
    const counts = new StateCounts();
    for (const xrayId of some) {
      const before = known.get(xrayId);
      const trace = decide(xrayId, before);
      if (trace === undefined) continue;
      changed.push(trace);
      if (before !== undefined) counts.add(before, -1);
      counts.add(trace, 1);
    }
    await saveTraces(transaction, changed);
    await counts.save(transaction);
  }
}

async function tracesById(
  database: Connection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, XRayTrace>> {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('xray_trace')
    .selectAll()
    .where('xray_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.xray_id, traceFromRow(row)]));
}

async function saveTraces(database: Connection, traces: readonly XRayTrace[]): Promise<void> {
  if (traces.length === 0) return;
  await database
    .insertInto('xray_trace')
    .values(traces.map(traceToRow))
    .onConflict((conflict) =>
      conflict.column('xray_id').doUpdateSet((row) => ({
        account: row.ref('excluded.account'),
        region: row.ref('excluded.region'),
        revision: row.ref('excluded.revision'),
        fetched_revision: row.ref('excluded.fetched_revision'),
        content_hash: row.ref('excluded.content_hash'),
        state: row.ref('excluded.state'),
        written_state: row.ref('excluded.written_state'),
        is_open: row.ref('excluded.is_open'),
        attempts: row.ref('excluded.attempts'),
        absences: row.ref('excluded.absences'),
        priority: row.ref('excluded.priority'),
        last_fetched: row.ref('excluded.last_fetched'),
        last_changed: row.ref('excluded.last_changed'),
        next_fetch: row.ref('excluded.next_fetch'),
        listed_end: row.ref('excluded.listed_end'),
        trace_end: row.ref('excluded.trace_end'),
      })),
    )
    .execute();
}

async function saveCheckpoint(
  database: Connection,
  { account, region }: RegionId,
  { sweep, until, lastRun }: XRayCheckpoint,
): Promise<void> {
  const values = { until: until ?? null, last_run: lastRun ?? null };
  await database
    .insertInto('xray_checkpoint')
    .values({ account, region, sweep, ...values })
    .onConflict((conflict) => conflict.columns(['account', 'region', 'sweep']).doUpdateSet(values))
    .execute();
}

async function addUsage(
  database: Connection,
  { account, region }: RegionId,
  { month, scanned, retrieved }: XRayUsage,
): Promise<void> {
  if (scanned === 0 && retrieved === 0) return;
  await database
    .insertInto('xray_usage')
    .values({ account, region, month, scanned, retrieved })
    .onConflict((conflict) =>
      conflict.columns(['account', 'region', 'month']).doUpdateSet({
        scanned: sql<number>`xray_usage.scanned + excluded.scanned`,
        retrieved: sql<number>`xray_usage.retrieved + excluded.retrieved`,
      }),
    )
    .execute();
}
