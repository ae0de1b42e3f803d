import type { Compute, Grouping, Predicate, TimeBuckets } from '@spanloom/query';
import {
  computeValue,
  facetNumber,
  facetText,
  identifier,
  joinSql,
  p,
  type Precision,
  returning,
  type Sql,
  sql,
  type SqlQuery,
} from '@spanloom/sql';
import { numberField, rowParser, type Row } from '../row-fields.ts';
import { everySpan } from './every-span.ts';
import type { TimeRange } from './search-spans.ts';

/** What to compute over which spans. */
export interface AggregateQuery {
  readonly predicate: Predicate;
  readonly range: TimeRange;
  readonly groups: readonly Grouping[];
  readonly computes: readonly Compute[];
  readonly precision: Precision;
}

/** One group: its value for each facet, and for each compute what came out; null where there was nothing to compute from. */
interface AggregateRow {
  readonly by: readonly string[];
  readonly values: readonly (number | null)[];
}

/** A group, or everything together of the groups below one: `depth` facets have a value. */
export interface TotalRow extends AggregateRow {
  readonly depth: number;
}

/** A group's values in one interval, ms since the epoch. */
export interface SeriesRow extends AggregateRow {
  readonly time: number;
}

/** More groups than this are not looked at: nobody reads them, and each costs memory. */
export const MAX_GROUPS = 10_000;

/**
 * Every group, and for each facet the totals of what lies below. Cost: the columns of the facets and computes, of the range.
 */
export function aggregateTotals(query: AggregateQuery): SqlQuery<TotalRow> {
  const { groups, computes } = query;
  const keys = groups.map((_, index) => groupName(index));
  const depth =
    keys.length === 0
      ? sql`toUInt8(0)`
      : sql`toUInt8(${p.uint8(keys.length)} - (${joinSql(
          keys.map((key) => sql`grouping(${key})`),
          sql` + `,
        )}))`;
  const rollup = keys.length === 0 ? sql`` : sql`GROUP BY ROLLUP(${joinSql(keys, COMMA)})`;
  return returning(
    rowParser((row): TotalRow => ({ ...readRow(row, query), depth: numberField(row, 'depth') })),
    sql`
      SELECT ${list([...keys, ...computes.map((each, index) => valueOf(each, index, query))])}, ${depth} AS depth
      FROM (
        ${rows(query, sql``)}
      )
      ${rollup}
      ORDER BY depth, count() DESC
      LIMIT ${p.uint32(MAX_GROUPS + 1)}`,
  );
}

/** The groups asked for, interval by interval. Intervals in which a group has no span are left out. Cost: as `aggregateTotals`. */
export function aggregateSeries(
  query: AggregateQuery,
  buckets: TimeBuckets,
  chosen: readonly (readonly string[])[],
): SqlQuery<SeriesRow> {
  const { groups, computes } = query;
  const keys = groups.map((_, index) => groupName(index));
  const interval = p.int64(BigInt(buckets.intervalMs));
  const offset = p.int64(BigInt(buckets.offsetMs));
  const millis = sql`toUnixTimestamp64Milli(toDateTime64(ts, 3, 'UTC'))`;
  const time = sql`, intDiv(${millis} + ${offset}, ${interval}) * ${interval} - ${offset} AS time`;
  const among =
    keys.length === 0
      ? sql``
      : sql`WHERE (${joinSql(keys, COMMA)}) IN (${joinSql(chosen.map(tuple), COMMA)})`;
  return returning(
    rowParser((row): SeriesRow => ({ ...readRow(row, query), time: numberField(row, 'time') })),
    sql`
      SELECT time, ${list([...keys, ...computes.map((each, index) => valueOf(each, index, query))])}
      FROM (
        ${rows(query, time)}
      )
      ${among}
      GROUP BY ${list([sql`time`, ...keys])}
      ORDER BY ${list([...keys, sql`time`])}`,
  );
}

const COMMA = sql`, `;

function list(parts: readonly Sql[]): Sql {
  return joinSql(parts, COMMA);
}

function tuple(values: readonly string[]): Sql {
  return sql`(${list(values.map((value) => sql`${p.string(value)}`))})`;
}

/** Matching rows with the text of each facet, and every column that computes may ask for. */
function rows(query: AggregateQuery, extra: Sql): Sql {
  const { groups, predicate, range } = query;
  const keys = groups.map((group, index) => sql`, ${groupText(group)} AS ${groupName(index)}`);
  const columns = sql`${COLUMNS}${joinSql([...keys, extra], sql``)}`;
  const present = groups.flatMap((group, index) =>
    group.missing === undefined ? [sql`${groupName(index)} != ''`] : [],
  );
  const all = everySpan(columns, predicate, range);
  if (present.length === 0) return all;
  return sql`SELECT * FROM (${all}) WHERE ${joinSql(present, sql` AND `)}`;
}

/** The engine reads those that are used. */
const COLUMNS: Sql = sql`ts, dur, trace_hi, trace_lo, span_id, parent_id, source, service, name, resource, type, kind, err,
          flags, env, version, fn, region, cold, http_status, http_method, a, n`;

function groupText({ facet, histogram, missing }: Grouping): Sql {
  const text = histogram === undefined ? facetText(facet) : bins(facetNumber(facet), histogram);
  return missing === undefined ? text : sql`if((${text}) = '', ${p.string(missing)}, (${text}))`;
}

/** The lower end of the interval a number falls into, as text; '' outside of all. */
function bins(number: Sql, { interval, min, max }: NonNullable<Grouping['histogram']>): Sql {
  const [low, high, width] = [p.float64(min), p.float64(max), p.float64(interval)];
  const bin = sql`toString(${low} + floor((assumeNotNull(${number}) - ${low}) / ${width}) * ${width})`;
  return sql`if(isNull(${number}) OR assumeNotNull(${number}) < ${low} OR assumeNotNull(${number}) >= ${high}, '', ${bin})`;
}

function groupName(index: number): Sql {
  return identifier({ name: `g${index}` });
}

function valueOf(compute: Compute, index: number, { precision }: AggregateQuery): Sql {
  return sql`${computeValue(compute, precision)} AS ${identifier({ name: `c${index}` })}`;
}

function readRow(row: Row, { groups, computes }: AggregateQuery): AggregateRow {
  return {
    by: groups.map((_, index) => String(row[`g${index}`])),
    values: computes.map((_, index) => {
      const value = row[`c${index}`];
      // "Not a number" is what the average of nothing is; JSON has no word for it.
      return value === null || value === undefined ? null : numberField(row, `c${index}`);
    }),
  };
}
