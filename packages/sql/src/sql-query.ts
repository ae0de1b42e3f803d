import type { Sql } from './sql.ts';

/** Reads one row as the database returns it, or throws. A zod type is one. */
export interface RowParser<Row> {
  parse(row: unknown): Row;
}

/** A statement together with what its rows are. Building it and running it are different things. */
export interface SqlQuery<Row> {
  readonly row: RowParser<Row>;
  readonly statement: Sql;
}

/** Ties a SELECT to the parser of its rows. */
export function returning<Row>(row: RowParser<Row>, statement: Sql): SqlQuery<Row> {
  return { row, statement };
}
