import type { TraceId } from '@spanloom/base';
import { identifier, p, returning, sql, type SqlQuery } from '@spanloom/sql';
import { bigintField, numberField, rowParser } from '../row-fields.ts';
import { xraySuperseded } from '../schema/tables.ts';

/** A version of a fetched trace that a later one replaced. */
export interface SupersededVersion {
  readonly traceId: TraceId;
  readonly seq: bigint;
}

const SupersededRow = rowParser((row): SupersededVersion => ({
  traceId: { hi: bigintField(row, 'trace_hi'), lo: bigintField(row, 'trace_lo') },
  seq: bigintField(row, 'seq'),
}));

export interface SupersededVersionsQuery {
  /** Of batches before this one. */
  readonly before: number;
  /** Behind this one in their order. */
  readonly after: SupersededVersion | undefined;
  readonly limit: number;
}

/** Replaced versions, the oldest batch first. Cost: the whole table, which is small. */
export function supersededVersions({
  before,
  after,
  limit,
}: SupersededVersionsQuery): SqlQuery<SupersededVersion> {
  const behind =
    after === undefined
      ? sql``
      : sql`
        AND (seq, trace_lo, trace_hi) > (${p.uint64(after.seq)}, ${p.uint64(after.traceId.lo)}, ${p.uint64(after.traceId.hi)})`;
  return returning(
    SupersededRow,
    sql`
      SELECT DISTINCT trace_hi, trace_lo, seq
      FROM ${identifier(xraySuperseded)}
      WHERE seq < ${p.uint64(BigInt(before))}${behind}
      ORDER BY seq, trace_lo, trace_hi
      LIMIT ${p.uint32(limit)}`,
  );
}

const CountRow = rowParser((row) => numberField(row, 'versions'));

/** How many replaced versions wait to be deleted, roughly. Cost: none, the engine knows. */
export function supersededCount(): SqlQuery<number> {
  return returning(CountRow, sql`SELECT count() AS versions FROM ${identifier(xraySuperseded)}`);
}
