import type { TextField } from '@spanloom/query';
import { type Sql, sql } from './sql.ts';

const COLUMNS: Readonly<Record<TextField, Sql>> = {
  service: sql`service`,
  name: sql`name`,
  resource: sql`resource`,
  type: sql`type`,
  env: sql`env`,
  version: sql`version`,
  function: sql`fn`,
  region: sql`region`,
  httpMethod: sql`http_method`,
  httpStatus: sql`if(http_status = 0, '', toString(http_status))`,
};

/** A text field as an expression over a span table; '' where a row has none. */
export function textColumn(field: TextField): Sql {
  return COLUMNS[field];
}
