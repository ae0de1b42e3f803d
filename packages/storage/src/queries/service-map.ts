import type { EpochMillis } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import {
  joinSql,
  p,
  returning,
  type Sql,
  spanKindNumbers,
  sql,
  type SqlQuery,
} from '@spanloom/sql';
import {
  bigintField,
  numberField,
  recordField,
  rowParser,
  textField,
  type Row,
} from '../row-fields.ts';
import { everySpan } from './every-span.ts';
import type { TimeRange } from './search-spans.ts';
import { PEER_TAGS, type PeerFacts, URL_TAGS } from '../peer-entity.ts';
import type { EntityClass } from '../service-graph.ts';
import { invocation, ownClass } from './service-entity.ts';

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

/**
 * Calls of one thing to another, by the names they have within their environment; without a caller, all calls of what is
 * called.
 */
export interface CallRow extends RequestFigures {
  readonly env: string;
  readonly caller: string | undefined;
  readonly callee: string;
}

/** Client, producer and consumer spans that say the same of their other end. */
export interface PeerRow extends PeerFacts {
  /** By which the spans are found again. */
  readonly key: bigint;
  readonly env: string;
}

/** What spans name, as their environment knows it. */
export interface NamedPeer {
  readonly key: bigint;
  readonly name: string;
  /** The queue that a consumer takes from, rather than the other end of a call. */
  readonly isSource: boolean;
}

/** Beyond this a map cannot be read, and a name probably holds an id. */
export const MAX_SERVICES = 2_000;
export const MAX_CALLS = 10_000;
/** What is said of other ends more rarely than this many others is not looked at: a statement has no room for more. */
export const MAX_PEERS = 3_000;

/** A caller is looked for among spans that began this much before the range. */
const CALLER_BEFORE_MS = 300_000;
/** And a callee this much behind it. */
const CALLEE_AFTER_MS = 60_000;

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
 * What spans say of the other ends of their calls, the most frequent first. What it means is not for the engine to know.
 *
 * Cost: the attributes of client, producer and consumer spans, and a group for each combination of names.
 */
export function peerRows({ predicate, range }: ServiceMapQuery): SqlQuery<PeerRow> {
  return returning(
    rowParser((row): PeerRow => ({
      key: bigintField(row, 'peer_key'),
      env: textField(row, 'env'),
      service: textField(row, 'service'),
      kind: textField(row, 'kind_name') as PeerFacts['kind'],
      type: textField(row, 'type'),
      isXRay: numberField(row, 'is_xray') !== 0,
      tags: new Map(
        Object.entries(recordField(row, 'tags')).map(([key, value]) => [key, String(value)]),
      ),
    })),
    sql`
      SELECT env, service, type, transform(kind, [${p.uint8(client)}, ${p.uint8(producer)}], ['client', 'producer'], 'consumer') AS kind_name,
        is_xray, tags, ${PEER_KEY} AS peer_key
      FROM (
        ${everySpan(PEER_COLUMNS, allOf(predicate, oneOf(allOf(OUTGOING, OWN_CALL), CONSUMED)), range)}
      )
      GROUP BY env, service, type, kind, is_xray, tags
      ORDER BY count() DESC, peer_key
      LIMIT ${p.uint32(MAX_PEERS + 1)}`,
  );
}

/**
 * Calls by caller and callee, and for each callee all of them together.
 *
 * A call is a span whose parent belongs to another service of the same environment, or one that names its other end where no
 * span of that end is stored. Messages go to their queue, and from there to who takes them.
 *
 * Cost: a join of the range's spans with their parents, 150 to 200 bytes of memory for each span; and the attributes of client
 * spans. With both sources all of it twice, one after the other.
 */
export function callRows(query: ServiceMapQuery, peers: readonly NamedPeer[]): SqlQuery<CallRow> {
  const takes = peers.some(({ isSource }) => isSource);
  // Planning a part costs the engine as much as reading a few thousand spans: what nothing asks for is left out.
  const parts = [
    linkedCalls(query, takes),
    ...(peers.some(({ isSource }) => !isSource) ? [namedCalls(query, takes)] : []),
    ...(takes ? [takenMessages(query)] : []),
  ];
  const calls = sql`SELECT *
        FROM (
          ${joinSql(parts, UNION)}
        )
        WHERE src != '' AND dst != '' AND src != dst`;
  const once = isMixed(query)
    ? sql`NOT (is_xray AND ${CALL_IN_TRACE} IN (SELECT ${CALL_IN_TRACE} FROM (${calls}) WHERE NOT is_xray))`
    : sql`1`;
  const names = [...new Set(peers.map(({ name }) => name))];
  const places = new Map(names.map((name, index) => [name, BigInt(index + 2)]));
  return returning(
    rowParser((row): CallRow => ({
      ...readFigures(row),
      env: textField(row, 'env'),
      caller: numberField(row, 'all_callers') !== 0 ? undefined : textField(row, 'src'),
      callee: textField(row, 'dst'),
    })),
    // The first name is that of what names nothing.
    sql`
      WITH
        ${p.uint64s(peers.map(({ key }) => key))} AS peer_keys,
        ${p.uint64s(peers.map(({ name }) => places.get(name)!))} AS peer_places,
        ${p.strings(['', ...names])} AS peer_names
      SELECT env, src, dst, grouping(src) AS all_callers, ${FIGURES}
      FROM (
        ${calls}
      )
      WHERE ${once}
      GROUP BY GROUPING SETS ((env, src, dst), (env, dst))
      ORDER BY all_callers DESC, requests DESC, env, src, dst
      LIMIT ${p.uint32(MAX_CALLS + 1)}`,
  );
}

const FIGURES: Sql = sql`count() AS requests, countIf(err != 0) AS errors,
        quantilesExactLow(0.5, 0.95, 0.99)(dur) AS durations, toUnixTimestamp64Milli(toDateTime64(max(ts), 3, 'UTC')) AS last_seen`;

const MEASURED: Sql = sql`ts, dur, err, source = 'xray' AS is_xray`;

const CALL_IN_TRACE: Sql = sql`cityHash64(jk, env, src, dst)`;

const { client, producer } = spanKindNumbers;

/** Those attributes that say something of the other end. Of an address only the host: the rest differs from call to call. */
const PEER_COLUMNS: Sql = sql`env, service, type, kind, source = 'xray' AS is_xray,
          mapApply((k, v) -> (k, if(k IN ${p.strings(URL_TAGS)}, domain(v), v)), mapFilter((k, v) -> k IN ${p.strings(PEER_TAGS)}, a)) AS tags`;

const PEER_KEY: Sql = sql`cityHash64(env, service, type, kind, is_xray, mapKeys(tags), mapValues(tags))`;

const PEER_NAME: Sql = sql`peer_names[transform(${PEER_KEY}, peer_keys, peer_places, toUInt64(1))]`;

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

/** A caller begins before what it calls, and maybe before the range. */
function withCallers({ from, to }: TimeRange): TimeRange {
  return { from: Math.max(0, from - CALLER_BEFORE_MS) as EpochMillis, to };
}

/** Spans whose parent is of another service. What was taken from a queue comes from there instead. */
function linkedCalls(query: ServiceMapQuery, takes: boolean): Sql {
  const { predicate, range } = query;
  return sql`SELECT c.env AS env, toString(p.service) AS src, toString(c.service) AS dst,
            c.jk AS jk, c.ts AS ts, c.dur AS dur, c.err AS err, c.is_xray AS is_xray
          FROM (${children(query, takes, range)}) AS c
          LEFT ANY JOIN (${everySpan(sql`jk, span_id, env, service`, predicate, withCallers(range))}) AS p
            ON c.jk = p.jk AND c.parent_id = p.span_id
          WHERE p.service != '' AND c.service != '' AND p.service != c.service AND p.env = c.env`;
}

/**
 * Client spans that nobody stored was called by, by what they name. Where a tracer gives calls a service of their own, that
 * service is the other end already. A client span below another one is a step of the same call: the connection it is made
 * over, an attempt.
 */
function namedCalls(query: ServiceMapQuery, takes: boolean): Sql {
  const { predicate, range } = query;
  const outgoing = allOf(predicate, OUTGOING, OWN_CALL);
  const after: TimeRange = {
    from: range.from,
    to: (range.to + CALLEE_AFTER_MS) as EpochMillis,
  };
  const answered = children(query, takes, after, TAKES_CALL);
  const around = everySpan(
    sql`cityHash64(jk, span_id) AS call`,
    allOf(predicate, OUTGOING),
    withCallers(range),
  );
  return sql`SELECT env, toString(service) AS src, ${PEER_NAME} AS dst, jk, ts, dur, err, is_xray
          FROM (${everySpan(sql`jk, span_id, parent_id, ts, dur, err, ${PEER_COLUMNS}`, outgoing, range)})
          WHERE cityHash64(jk, span_id) NOT IN (SELECT cityHash64(jk, parent_id) FROM (${answered}))
            AND cityHash64(jk, parent_id) NOT IN (${around})`;
}

/** Messages by the queue they were taken from. */
function takenMessages(query: ServiceMapQuery): Sql {
  const { predicate, range } = query;
  return sql`SELECT env, ${PEER_NAME} AS src, toString(service) AS dst, jk, ts, dur, err, is_xray
          FROM (${everySpan(sql`jk, ts, dur, err, ${PEER_COLUMNS}`, allOf(predicate, CONSUMED), range)})`;
}

/**
 * Spans with a parent that may be a call of it: not those X-Ray made up for the other end of a call, which go when the real one
 * comes, and not messages of a queue that is known. In disjoint parts, so that attributes are read for few spans.
 *
 * @param takes Whether any message comes from a queue that is known.
 */
function children(
  query: ServiceMapQuery,
  takes: boolean,
  range: TimeRange,
  ...also: readonly Predicate[]
): Sql {
  const columns = sql`jk, parent_id, env, service, ts, dur, err, source = 'xray' AS is_xray`;
  const among = (...more: readonly Predicate[]): Predicate =>
    allOf(query.predicate, NOT_ROOT, ...also, ...more);
  const others = takes ? [not(CONSUMED)] : [];
  if (!query.sources.xray && !takes) return everySpan(columns, among(), range);
  const parts = [everySpan(columns, among(not(FROM_XRAY), ...others), range)];
  if (query.sources.xray) {
    parts.push(everySpan(columns, among(FROM_XRAY, not(MADE_UP), ...others), range));
  }
  if (takes) {
    parts.push(sql`SELECT jk, parent_id, env, service, ts, dur, err, is_xray
            FROM (${everySpan(sql`jk, parent_id, ts, dur, err, ${PEER_COLUMNS}`, among(CONSUMED), range)})
            WHERE ${PEER_NAME} = ''`);
  }
  return joinSql(parts, UNION);
}

const UNION: Sql = sql` UNION ALL `;

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
