import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

/** Whether another source of a trace adds to it: not known yet, with a part of its own, or with nothing. */
export type XRaySourceKind = 'unknown' | 'part' | 'copy';

/** An account and region that has a trace beside the one that brings it. */
export interface XRayTraceSource {
  readonly xrayId: string;
  readonly account: string;
  readonly region: string;
  readonly kind: XRaySourceKind;
}

/** Traces of others that a region has listed, and their revisions there. */
export interface ListedElsewhere {
  readonly revisions: ReadonlyMap<string, number>;
  /** Told of those that are known to be copies. */
  readonly onCopy: (xrayId: string) => void;
}

/** @returns Those of which there may be something new. */
export async function noteSources(
  database: Transaction<Tables>,
  { account, region }: { readonly account: string; readonly region: string },
  { revisions, onCopy }: ListedElsewhere,
): Promise<readonly string[]> {
  const ids = [...revisions.keys()];
  if (ids.length === 0) return [];
  const rows = await database
    .selectFrom('xray_trace_source')
    .selectAll()
    .where('xray_id', 'in', ids)
    .where('account', '=', account)
    .where('region', '=', region)
    .execute();
  const known = new Map(rows.map((row) => [row.xray_id, row]));
  const fresh: string[] = [];
  for (const [xrayId, revision] of revisions) {
    const row = known.get(xrayId);
    if (row?.kind === 'copy') onCopy(xrayId);
    else if (row?.kind !== 'part' || row.revision < revision) fresh.push(xrayId);
  }
  for (const xrayId of fresh) {
    const revision = revisions.get(xrayId)!;
    await database
      .insertInto('xray_trace_source')
      .values({ xray_id: xrayId, account, region, revision, kind: 'unknown' })
      .onConflict((conflict) =>
        conflict.columns(['xray_id', 'account', 'region']).doUpdateSet({ revision }),
      )
      .execute();
  }
  return fresh;
}

/** The other sources of traces. */
export async function sourcesOf(
  database: Kysely<Tables>,
  ids: readonly string[],
): Promise<readonly XRayTraceSource[]> {
  if (ids.length === 0) return [];
  const rows = await database
    .selectFrom('xray_trace_source')
    .selectAll()
    .where('xray_id', 'in', ids)
    .where('kind', '!=', 'copy')
    .orderBy('account')
    .orderBy('region')
    .execute();
  return rows.map(({ xray_id, account, region, kind }) => ({
    xrayId: xray_id,
    account,
    region,
    kind: kind as XRaySourceKind,
  }));
}

/** Notes what a source has turned out to be. */
export async function setSourceKind(
  database: Kysely<Tables>,
  { xrayId, account, region, kind }: XRayTraceSource,
): Promise<void> {
  await database
    .updateTable('xray_trace_source')
    .set({ kind })
    .where('xray_id', '=', xrayId)
    .where('account', '=', account)
    .where('region', '=', region)
    .execute();
}
