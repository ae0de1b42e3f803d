import type { Kysely } from 'kysely';
import type { Tables, XRayBackfillTable } from '../tables.ts';
import type { RegionId } from './xray-state.ts';

/** How far a backfill is. */
export type XRayBackfillState = 'queued' | 'running' | 'done' | 'cancelled' | 'failed';

/** An older range that is read on request. Times are ms since the epoch. */
export interface XRayBackfillFacts extends RegionId {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** Newest first: everything from here to `to` is listed. */
  readonly listedDownTo: number;
  readonly state: XRayBackfillState;
  /** Traces it brought that were not known. */
  readonly traces: number;
  readonly error: string | undefined;
  readonly created: number;
}

/** The backfills of all regions. */
export class XRayBackfills {
  readonly #database: Kysely<Tables>;

  constructor(database: Kysely<Tables>) {
    this.#database = database;
  }

  async add(backfill: XRayBackfillFacts): Promise<void> {
    await this.#database.insertInto('xray_backfill').values(toRow(backfill)).execute();
  }

  async get(id: string): Promise<XRayBackfillFacts | undefined> {
    const row = await this.#database
      .selectFrom('xray_backfill')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** The newest `limit` of a region, newest first. */
  async list({ account, region }: RegionId, limit: number): Promise<readonly XRayBackfillFacts[]> {
    const rows = await this.#database
      .selectFrom('xray_backfill')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .orderBy('created', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(fromRow);
  }

  /** The oldest that is running or queued. */
  async next({ account, region }: RegionId): Promise<XRayBackfillFacts | undefined> {
    const row = await this.#database
      .selectFrom('xray_backfill')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .where('state', 'in', ['running', 'queued'])
      .orderBy('state', 'desc')
      .orderBy('created')
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Changes the state of one that has not ended. @returns Whether there was such a one. */
  async setState(id: string, state: XRayBackfillState, error?: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .updateTable('xray_backfill')
      .set({ state, error: error ?? null })
      .where('id', '=', id)
      .where('state', 'in', ['running', 'queued'])
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}

function fromRow(row: XRayBackfillTable): XRayBackfillFacts {
  return {
    id: row.id,
    account: row.account,
    region: row.region,
    from: row.from_time,
    to: row.to_time,
    listedDownTo: row.listed_down_to,
    state: row.state as XRayBackfillState,
    traces: row.traces,
    error: row.error ?? undefined,
    created: row.created,
  };
}

function toRow(backfill: XRayBackfillFacts): XRayBackfillTable {
  return {
    id: backfill.id,
    account: backfill.account,
    region: backfill.region,
    from_time: backfill.from,
    to_time: backfill.to,
    listed_down_to: backfill.listedDownTo,
    state: backfill.state,
    traces: backfill.traces,
    error: backfill.error ?? null,
    created: backfill.created,
  };
}
