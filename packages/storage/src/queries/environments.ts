import { millisToNanos } from '@spanloom/base';
import { identifier, p, returning, sql, type SqlQuery, spanTables } from '@spanloom/sql';
import { numberField, rowParser, textField } from '../row-fields.ts';
import type { TimeRange } from './search-spans.ts';
import { isCurrent } from './superseded.ts';

/** An environment and how much comes from it. */
export interface Environment {
  readonly env: string;
  readonly spans: number;
}

const EnvironmentRow = rowParser((row): Environment => ({
  env: textField(row, 'env'),
  spans: numberField(row, 'spans'),
}));

/**
 * Environments seen in a range, most spans first. Where both tables have spans of an environment the larger count stands: one
 * holds copies of the other. Cost: one small column of the range.
 */
export function environments(range: TimeRange): SqlQuery<Environment> {
  const within = sql`ts >= ${p.nanos(millisToNanos(range.from))} AND ts < ${p.nanos(millisToNanos(range.to))}
          AND ${isCurrent}`;
  return returning(
    EnvironmentRow,
    sql`
      SELECT env, max(spans) AS spans
      FROM (
        SELECT env, count() AS spans FROM ${identifier(spanTables.kept)} WHERE ${within} GROUP BY env
        UNION ALL
        SELECT env, count() AS spans FROM ${identifier(spanTables.live)} WHERE ${within} GROUP BY env
      )
      GROUP BY env
      ORDER BY spans DESC, env
      LIMIT 1000`,
  );
}
