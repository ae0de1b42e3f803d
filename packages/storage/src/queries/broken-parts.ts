import { returning, sql, type SqlQuery } from '@spanloom/sql';
import type { BrokenPart } from '../database.ts';
import { rowParser, textField } from '../row-fields.ts';

const BrokenPartRow = rowParser((row): BrokenPart => ({
  table: textField(row, 'table'),
  part: textField(row, 'part'),
  reason: textField(row, 'reason'),
}));

/** Parts the engine set aside because it could not read them. It starts without a word about them, so ask after each start. */
export function brokenParts(): SqlQuery<BrokenPart> {
  return returning(
    BrokenPartRow,
    sql`
      SELECT table, name AS part, ifNull(reason, '') AS reason
      FROM system.detached_parts
      WHERE database = currentDatabase()
      ORDER BY table, part`,
  );
}
