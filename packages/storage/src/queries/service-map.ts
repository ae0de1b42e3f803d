import type { EpochMillis } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import { joinSql, p, returning, type Sql, sql, type SqlQuery } from '@spanloom/sql';
import { numberField, recordField, rowParser, textField, type Row } from '../row-fields.ts';
import { everySpan } from './every-span.ts';
import type { TimeRange } from './search-spans.ts';
import { type EntityClass, invocation, ownClass, peerSources, withPeer } from './service-entity.ts';

/** Which spans a map is made of. */
export interface ServiceMapQuery {
  readonly predicate: Predicate;
  readonly range: TimeRange;
  /**
   * Who told of the range. With X-Ray and tracers both, what both tell of one trace is counted once, which reads the range
   * twice.
   */
  readonly sources: { readonly xray: boolean; readonly tracers: boolean };
}

/** What was measured of some requests. Durations in nanoseconds. */
export interface RequestFigures {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly lastSeen: EpochMillis;
}

/** A service and the spans that entered it. */
export interface ServiceRow extends RequestFigures {
  readonly env: string;
  readonly service: string;
  /** How many of the spans showed it to be of which class. */
  readonly classes: ReadonlyMap<EntityClass, number>;
}

/** One end of a call. */
export interface CallEnd {
  readonly class: EntityClass;
  readonly name: string;
}

/** Calls of one service to another; without a caller, all calls of what is called. */
export interface CallRow extends RequestFigures {
  readonly env: string;
  readonly caller: CallEnd | undefined;
  readonly callee: CallEnd;
  /** Says more of a callee of class `service`; '' when nothing is known. */
  readonly hint: EntityClass | '';
}

/** Beyond this a map cannot be read, and a name probably holds an id. */
export const MAX_SERVICES = 2_000;
export const MAX_CALLS = 10_000;

/** A caller is looked for among spans that began this much before the range. */
export const CALLER_BEFORE_MS = 300_000;
/** And a callee this much behind it. */
export const CALLEE_AFTER_MS = 60_000;

/**
 * Services by the spans that enter them. With both sources, what X-Ray tells is left out where a tracer told of the same
 * service in the same trace, or of the same invocation in another.
 *
 * Cost: small columns of the range, and a value for each request while percentiles are found.
 */
export function serviceRows(query: ServiceMapQuery): SqlQuery<ServiceRow> {
  return returning(
    rowParser((row): ServiceRow => ({
      ...readFigures(row),
      env: textField(row, 'env'),
      service: textField(row, 'service'),
      classes: readClasses(row),
    })),
    sql`
      SELECT env, service, sumMap(map(own_class, toUInt64(1))) AS classes, ${FIGURES}
      FROM (
        ${entries(query)}
      )
      WHERE ${notTwice(query)}
      GROUP BY env, service
      ORDER BY requests DESC, env, service
      LIMIT ${p.uint32(MAX_SERVICES + 1)}`,
  );
}

/**
 * Calls by caller and callee, and for each callee all of them together.
 *
 * A call is a span whose parent belongs to another service of the same environment, or one that names its other end where no
 * span of that end is stored. Messages go to their queue, and from there to who takes them.
 *
 * Cost: a join of the range's spans with their parents, about 110 bytes of memory for each span; and the attributes of client
 * spans.
 *
 * @param managed Services that are managed things: a call that names one of them goes there, and not to another of that name.
 */
export function callRows(
  query: ServiceMapQuery,
  managed: readonly { readonly env: string; readonly end: CallEnd }[],
): SqlQuery<CallRow> {
  const known = managed.map(({ env, end }) => [env, end.class, end.name].join(SEPARATOR));
  const calls = sql`SELECT *, if(has(${p.strings(known)}, concatWithSeparator(${p.string(SEPARATOR)}, env, toString(src_told), src)), 'service', toString(src_told)) AS src_class,
          if(has(${p.strings(known)}, concatWithSeparator(${p.string(SEPARATOR)}, env, toString(dst_told), dst)), 'service', toString(dst_told)) AS dst_class
        FROM (
          ${linkedCalls(query)}
          UNION ALL
          ${namedCalls(query)}
          UNION ALL
          ${takenMessages(query)}
        )
        WHERE src != '' AND dst != ''`;
  const once = isMixed(query)
    ? sql`NOT (is_xray AND ${CALL_IN_TRACE} IN (SELECT ${CALL_IN_TRACE} FROM (${calls}) WHERE NOT is_xray))`
    : sql`1`;
  return returning(
    rowParser(readCall),
    sql`
      SELECT env, src, src_class, dst, dst_class, max(hint) AS told, grouping(src) AS all_callers, ${FIGURES}
      FROM (
        ${calls}
      )
      WHERE ${once} AND NOT (src = dst AND src_class = dst_class)
      GROUP BY GROUPING SETS ((env, src, src_class, dst, dst_class), (env, dst, dst_class))
      ORDER BY all_callers DESC, requests DESC, env, src, dst, src_class, dst_class
      LIMIT ${p.uint32(MAX_CALLS + 1)}`,
  );
}

const FIGURES: Sql = sql`count() AS requests, countIf(err != 0) AS errors,
        quantilesExactLow(0.5, 0.95, 0.99)(dur) AS durations, toUnixTimestamp64Milli(toDateTime64(max(ts), 3, 'UTC')) AS last_seen`;

const MEASURED: Sql = sql`ts, dur, err, source = 'xray' AS is_xray`;

const CALL_IN_TRACE: Sql = sql`cityHash64(jk, env, src, src_class, dst, dst_class)`;

/** No name of an environment or a service holds it. */
const SEPARATOR = '\u001f';

function isMixed({ sources }: ServiceMapQuery): boolean {
  return sources.xray && sources.tracers;
}

function entries(query: ServiceMapQuery): Sql {
  const ids = isMixed(query) ? sql`, jk, ${invocation} AS request` : sql``;
  const predicate = allOf(query.predicate, ENTRY);
  return sql`SELECT * FROM (${everySpan(
    sql`env, service, ${ownClass} AS own_class, ${MEASURED}${ids}`,
    predicate,
    query.range,
  )}) WHERE service != ''`;
}

function notTwice(query: ServiceMapQuery): Sql {
  if (!isMixed(query)) return sql`1`;
  const told = entries(query);
  return sql`NOT (is_xray AND (
          cityHash64(jk, env, service) IN (SELECT cityHash64(jk, env, service) FROM (${told}) WHERE NOT is_xray)
          OR request != '' AND cityHash64(env, request) IN (SELECT cityHash64(env, request) FROM (${told}) WHERE NOT is_xray AND request != '')))`;
}

/** Spans whose parent is of another service. What was taken from a queue comes from there instead. */
function linkedCalls(query: ServiceMapQuery): Sql {
  const { predicate, range } = query;
  const before: TimeRange = {
    from: Math.max(0, range.from - CALLER_BEFORE_MS) as EpochMillis,
    to: range.to,
  };
  return sql`SELECT c.env AS env, toString(p.service) AS src, 'service' AS src_told, toString(c.service) AS dst, 'service' AS dst_told, '' AS hint,
            c.jk AS jk, c.ts AS ts, c.dur AS dur, c.err AS err, c.is_xray AS is_xray
          FROM (${children(query, sql`jk, parent_id, env, service, ${MEASURED}`, range)}) AS c
          LEFT ANY JOIN (${everySpan(sql`jk, span_id, env, service`, predicate, before)}) AS p
            ON c.jk = p.jk AND c.parent_id = p.span_id
          WHERE p.service != '' AND c.service != '' AND p.service != c.service AND p.env = c.env`;
}

/**
 * Client spans that nobody stored was called by, by what they name. Where a tracer gives calls a service of their own, that
 * service is the other end already.
 */
function namedCalls(query: ServiceMapQuery): Sql {
  const { predicate, range } = query;
  const outgoing = allOf(predicate, OUTGOING, OWN_CALL);
  const after: TimeRange = {
    from: range.from,
    to: (range.to + CALLEE_AFTER_MS) as EpochMillis,
  };
  const answered = children(query, sql`cityHash64(jk, parent_id) AS call`, after, TAKES_CALL);
  return sql`SELECT env, toString(service) AS src, 'service' AS src_told, peer_name AS dst, peer_class AS dst_told, peer_hint AS hint, jk, ts, dur, err, is_xray
          FROM (${withPeer(everySpan(sql`jk, span_id, env, service, ${MEASURED}, ${peerSources}`, outgoing, range))})
          WHERE a['_dd.base_service'] IN ('', toString(service)) AND cityHash64(jk, span_id) NOT IN (SELECT call FROM (${answered}))`;
}

/** Messages by the queue they were taken from. */
function takenMessages(query: ServiceMapQuery): Sql {
  const { predicate, range } = query;
  return sql`SELECT env, peer_name AS src, peer_class AS src_told, toString(service) AS dst, 'service' AS dst_told, '' AS hint, jk, ts, dur, err, is_xray
          FROM (${withPeer(everySpan(sql`jk, env, service, ${MEASURED}, ${peerSources}`, allOf(predicate, CONSUMED), range))})
          WHERE ${NAMES_QUEUE}`;
}

const NAMES_QUEUE: Sql = sql`peer_class = 'queue' AND peer_name != ''`;

/**
 * Spans with a parent that may be a call of it: not those X-Ray made up for the other end of a call, which go when the real one
 * comes, and not messages of a queue that is known. Three disjoint parts, so that attributes are read for few spans.
 */
function children(
  query: ServiceMapQuery,
  columns: Sql,
  range: TimeRange,
  ...also: readonly Predicate[]
): Sql {
  const among = (...more: readonly Predicate[]): Predicate =>
    allOf(query.predicate, NOT_ROOT, ...also, ...more);
  const parts = [everySpan(columns, among(not(CONSUMED), not(FROM_XRAY)), range)];
  if (query.sources.xray) {
    parts.push(everySpan(columns, among(not(CONSUMED), FROM_XRAY, not(MADE_UP)), range));
  }
  const names = sql`SELECT * EXCEPT (type, kind, source, a, peer_aws, peer_db, peer_host, peer_class, peer_name, peer_hint)
            FROM (${withPeer(everySpan(sql`${columns}, ${peerSources}`, among(CONSUMED), range))}) WHERE NOT (${NAMES_QUEUE})`;
  return joinSql([...parts, names], sql` UNION ALL `);
}

const ENTRY: Predicate = { kind: 'flag', flag: 'entry' };
const ROOT: Predicate = { kind: 'flag', flag: 'root' };
const NOT_ROOT: Predicate = not(ROOT);
const FROM_XRAY: Predicate = { kind: 'source', values: ['xray'] };
const OUTGOING: Predicate = { kind: 'span-kind', values: ['client', 'producer'] };
/** Somebody's call arrives here. */
const TAKES_CALL: Predicate = oneOf(ENTRY, { kind: 'span-kind', values: ['server', 'consumer'] });
const CONSUMED: Predicate = allOf(ENTRY, { kind: 'span-kind', values: ['consumer'] });
/** Not one that enters a service made of such calls. */
const OWN_CALL: Predicate = oneOf(ROOT, not(ENTRY));
/** What X-Ray made up for the other end of a call. */
const MADE_UP: Predicate = {
  kind: 'attribute',
  key: 'xray.document',
  test: { kind: 'equals', values: ['inferred'] },
};

function not(operand: Predicate): Predicate {
  return { kind: 'not', operand };
}

function allOf(...operands: readonly Predicate[]): Predicate {
  return { kind: 'and', operands };
}

function oneOf(...operands: readonly Predicate[]): Predicate {
  return { kind: 'or', operands };
}

function readCall(row: Row): CallRow {
  return {
    ...readFigures(row),
    env: textField(row, 'env'),
    caller:
      numberField(row, 'all_callers') !== 0
        ? undefined
        : { class: textField(row, 'src_class') as EntityClass, name: textField(row, 'src') },
    callee: { class: textField(row, 'dst_class') as EntityClass, name: textField(row, 'dst') },
    hint: textField(row, 'told') as EntityClass | '',
  };
}

function readFigures(row: Row): RequestFigures {
  const durations = row['durations'];
  const [p50, p95, p99] = (Array.isArray(durations) ? durations : []).map(Number);
  return {
    requests: numberField(row, 'requests'),
    errors: numberField(row, 'errors'),
    p50: p50 ?? 0,
    p95: p95 ?? 0,
    p99: p99 ?? 0,
    lastSeen: numberField(row, 'last_seen') as EpochMillis,
  };
}

function readClasses(row: Row): ReadonlyMap<EntityClass, number> {
  const counts = Object.entries(recordField(row, 'classes'));
  return new Map(counts.map(([name, count]) => [name as EntityClass, Number(count)]));
}
