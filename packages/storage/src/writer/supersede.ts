import { identifier, p, sql } from '@spanloom/sql';
import { bindParams } from '../bind-params.ts';
import type { Database } from '../database.ts';
import { type TableName, xraySuperseded, xrayVersions } from '../schema/tables.ts';

/** What the step is called in metrics. */
export const SUPERSEDE: TableName = xraySuperseded;

/**
 * Of the traces that batches `first` to `last` have versions of, notes every version but the newest as replaced.
 *
 * What was noted before stays as it is, so this can be repeated, and a late batch of an old version cannot replace a newer one.
 * Cost: the granules of recent parts that have the batches, and one of 256 rows per trace and part; 25 ms for a hundred
 * traces among a million versions.
 */
export async function supersedeOlderVersions(
  database: Database,
  first: number,
  last: number,
): Promise<void> {
  const versions = identifier(xrayVersions);
  const statement = sql`
      INSERT INTO ${identifier(xraySuperseded)} (trace_hi, trace_lo, seq, ing)
      SELECT trace_hi, trace_lo, older.1, older.2
      FROM (
        SELECT trace_hi, trace_lo, arrayJoin(arrayPopBack(arraySort(groupUniqArray((seq, ing))))) AS older
        FROM ${versions}
        WHERE (trace_lo, trace_hi) IN (
            SELECT trace_lo, trace_hi
            FROM ${versions}
            WHERE seq >= ${p.uint64(BigInt(first))} AND seq <= ${p.uint64(BigInt(last))}
          )
        GROUP BY trace_hi, trace_lo
      )`;
  await database.command(bindParams(statement.render()), { lane: 'inserts' });
}
