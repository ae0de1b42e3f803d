import { identifier, p, type Sql, spanFlagBits, sql } from '@spanloom/sql';
import { xraySuperseded } from '../schema/tables.ts';

const table = identifier(xraySuperseded);
/** Rows of traces that were fetched whole: no other can be replaced. */
const fetched = sql`bitAnd(flags, ${p.uint8(spanFlagBits.fetched)}) != 0`;

/** Rows that are work, and no notes that were only sent for merging. */
const isWork = sql`bitAnd(flags, ${p.uint8(spanFlagBits.note)}) = 0`;

/**
 * Rows that count: no notes, and not of a version of an X-Ray trace that a later one replaced. Every question about spans asks
 * it, but those that look rows up whose places they know already, and those for whole traces, which need the notes.
 *
 * While nothing is replaced, which is most of the time, the engine finds the count to be 0 before it begins and drops the whole
 * condition: no column is read for it.
 */
export const isCurrent: Sql = sql`${isWork} AND ((SELECT count() FROM ${table}) = 0 OR NOT ${supersededAmong(sql``)})`;

/** As `isCurrent`, for rows of traces with these join keys: looks a few traces up rather than all that are replaced. */
export function isCurrentAmong(joinKeys: readonly bigint[]): Sql {
  return sql`NOT ${isSupersededAmong(joinKeys)}`;
}

/** The opposite of `isCurrentAmong`. */
export function isSupersededAmong(joinKeys: readonly bigint[]): Sql {
  // The table is in order of the whole low half, of which a join key leaves the top bit open.
  const halves = joinKeys.flatMap((key) => [key, key | (1n << 63n)]);
  return supersededAmong(sql` WHERE trace_lo IN ${p.uint64s(halves)}`);
}

function supersededAmong(condition: Sql): Sql {
  return sql`(${fetched} AND (trace_lo, trace_hi, seq) IN (SELECT trace_lo, trace_hi, seq FROM ${table}${condition}))`;
}
