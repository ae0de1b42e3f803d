import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import { packDocuments, unpackDocuments } from './packed-documents.ts';

/** Whether another source of a trace adds to it: not known yet, with a part of its own, or with nothing. */
export type XRaySourceKind = 'unknown' | 'part' | 'copy';

/** An account and region that has a trace beside the one that brings it. */
export interface XRayTraceSource {
  readonly xrayId: string;
  readonly account: string;
  readonly region: string;
  readonly kind: XRaySourceKind;
  /** What it last added to the trace. Left out of `saveSource`, what is known stays. */
  readonly documents?: readonly string[] | undefined;
  /** The trace's revision where it is brought from when `kind` was found out. */
  readonly ownerRevision?: number | undefined;
}

/** Traces of others that a region has listed, and their revisions there. */
export interface ListedElsewhere {
  readonly revisions: ReadonlyMap<string, number>;
  /** By how much a trace has grown between two revisions; Infinity if they cannot be compared. */
  readonly growth: (known: number, listed: number) => number;
  /** Told of those that are known to be copies. */
  readonly onCopy: (xrayId: string) => void;
}

/** @returns Those of which there may be something new. */
export async function noteSources(
  database: Transaction<Tables>,
  { account, region }: { readonly account: string; readonly region: string },
  { revisions, growth, onCopy }: ListedElsewhere,
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
  const growing = await copiesThatGrow(database, rows, { revisions, growth });
  const fresh: string[] = [];
  for (const [xrayId, revision] of revisions) {
    const row = known.get(xrayId);
    if (row?.kind === 'copy' && !growing.has(xrayId)) onCopy(xrayId);
    else if (row?.kind !== 'part' || growth(row.revision, revision) > 0) fresh.push(xrayId);
  }
  for (const xrayId of fresh) {
    const revision = revisions.get(xrayId)!;
    await database
      .insertInto('xray_trace_source')
      .values({ xray_id: xrayId, account, region, revision, kind: 'unknown' })
      .onConflict((conflict) =>
        conflict.columns(['xray_id', 'account', 'region']).doUpdateSet({
          revision,
          ...(growing.has(xrayId) && { kind: 'unknown', noticed_revision: null }),
        }),
      )
      .execute();
  }
  return fresh;
}

/**
 * Copies that have grown further than the trace has where it is brought from, so that they may have become a part. A copy is often
 * listed a moment before its original: only what is still ahead at a second listing counts.
 */
async function copiesThatGrow(
  database: Transaction<Tables>,
  rows: readonly Selectable<Tables['xray_trace_source']>[],
  { revisions, growth }: Pick<ListedElsewhere, 'revisions' | 'growth'>,
): Promise<ReadonlySet<string>> {
  const risen = rows.filter(
    ({ kind, xray_id, revision }) =>
      kind === 'copy' && growth(revision, revisions.get(xray_id)!) > 0,
  );
  const growing = new Set<string>();
  if (risen.length === 0) return growing;
  const owners = await database
    .selectFrom('xray_trace')
    .select(['xray_id', 'revision'])
    .where(
      'xray_id',
      'in',
      risen.map(({ xray_id }) => xray_id),
    )
    .execute();
  const ownerRevisions = new Map(owners.map(({ xray_id, revision }) => [xray_id, revision]));
  for (const row of risen) {
    const now = revisions.get(row.xray_id)!;
    const owner = ownerRevisions.get(row.xray_id) ?? 0;
    const ownerGrowth = growth(row.owner_revision ?? owner, owner);
    const isAhead = (revision: number): boolean =>
      growth(row.revision, revision) > (Number.isFinite(ownerGrowth) ? ownerGrowth : 0);
    if (!isAhead(now)) continue;
    if (row.noticed_revision !== null && isAhead(row.noticed_revision)) {
      growing.add(row.xray_id);
      continue;
    }
    await database
      .updateTable('xray_trace_source')
      .set({ noticed_revision: now })
      .where('xray_id', '=', row.xray_id)
      .where('account', '=', row.account)
      .where('region', '=', row.region)
      .execute();
  }
  return growing;
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
  return rows.map(({ xray_id, account, region, kind, documents, owner_revision }) => ({
    xrayId: xray_id,
    account,
    region,
    kind: kind as XRaySourceKind,
    documents: documents === null ? undefined : unpackDocuments(documents),
    ownerRevision: owner_revision ?? undefined,
  }));
}

/** Notes what a source has turned out to be. */
export async function setSourceKind(
  database: Kysely<Tables>,
  { xrayId, account, region, kind, documents, ownerRevision }: XRayTraceSource,
): Promise<void> {
  await database
    .updateTable('xray_trace_source')
    .set({
      kind,
      noticed_revision: null,
      ...(documents !== undefined && { documents: packDocuments(documents) }),
      ...(ownerRevision !== undefined && { owner_revision: ownerRevision }),
    })
    .where('xray_id', '=', xrayId)
    .where('account', '=', account)
    .where('region', '=', region)
    .execute();
}
