import { BadRequestError, type Clock, type EpochMillis, isJsonObject } from '@spanloom/base';
import { parseQuery, type Predicate, type Query } from '@spanloom/query';
import type { TimeRange } from '@spanloom/storage';

/** What Jaeger's search form asks for. */
export interface TraceSearch {
  readonly query: Query;
  readonly range: TimeRange;
  readonly limit: number;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
const DEFAULT_LOOKBACK_MS = 3_600_000;

/**
 * Reads `service`, `operation`, `tags`, `minDuration`, `maxDuration`, `start`, `end` (µs since the epoch) and `limit`.
 * @throws {BadRequestError} That names the parameter.
 */
export function readTraceSearch(params: URLSearchParams, clock: Clock): TraceSearch {
  const operands: Predicate[] = [];
  const service = params.get('service');
  if (service !== null && service !== '') operands.push(textIs('service', service));
  const operation = params.get('operation');
  if (operation !== null && operation !== '' && operation !== 'all') {
    operands.push(textIs('name', operation));
  }
  operands.push(...readTags(params), ...readDurations(params));
  const everything = parseQuery('');
  if (!everything.ok) throw new TypeError('The empty query must be readable');
  const predicate: Predicate =
    operands.length === 0 ? { kind: 'everything' } : { kind: 'and', operands };
  return {
    query: { ...everything.query, predicate },
    range: readSpan(params, clock),
    limit: Math.min(MAX_LIMIT, readCount(params, 'limit') ?? DEFAULT_LIMIT),
  };
}

/** `start` and `end` in µs; without them the last hour. */
function readSpan(params: URLSearchParams, clock: Clock): TimeRange {
  const end = readCount(params, 'end');
  const start = readCount(params, 'start');
  const to = (end === undefined ? clock.now() : Math.ceil(end / 1000)) as EpochMillis;
  const from = start === undefined ? to - DEFAULT_LOOKBACK_MS : Math.floor(start / 1000);
  return { from: from as EpochMillis, to };
}

function textIs(field: 'service' | 'name', value: string): Predicate {
  return { kind: 'text', field, test: { kind: 'equals', values: [value] } };
}

/** `tags` is JSON of an object; `tag=key:value` may be repeated. All of them must be there. */
function readTags(params: URLSearchParams): Predicate[] {
  const wanted: [string, string][] = params.getAll('tag').map((pair) => {
    const colon = pair.indexOf(':');
    if (colon < 1) throw bad('tag', 'expected key:value', pair);
    return [pair.slice(0, colon), pair.slice(colon + 1)];
  });
  for (const text of params.getAll('tags')) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    if (!isJsonObject(parsed))
      throw bad('tags', 'expected JSON such as {"http.method":"GET"}', text);
    for (const [key, value] of Object.entries(parsed)) wanted.push([key, String(value)]);
  }
  return wanted.map(([key, value]) => tagIs(key, value));
}

function tagIs(key: string, value: string): Predicate {
  if (key === 'error') {
    const failed: Predicate = { kind: 'flag', flag: 'error' };
    return value === 'false' ? { kind: 'not', operand: failed } : failed;
  }
  const number = Number(value);
  const isNumber = value.trim() !== '' && Number.isFinite(number);
  return {
    kind: 'attribute',
    key,
    test: { kind: 'equals', values: [value], ...(isNumber && { number }) },
  };
}

function readDurations(params: URLSearchParams): Predicate[] {
  const min = readDuration(params, 'minDuration');
  const max = readDuration(params, 'maxDuration');
  if (min === undefined && max === undefined) return [];
  return [
    {
      kind: 'integer',
      field: 'duration',
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    },
  ];
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1.5s`, `100ms`, `1m30s`, as Go writes durations. */
function readDuration(params: URLSearchParams, name: string): bigint | undefined {
  const text = params.get(name)?.trim();
  if (text === undefined || text === '') return undefined;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw bad(name, 'expected a duration such as 1.5s or 100ms', text);
  }
  let nanos = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    nanos += Number(amount) * UNITS[unit!]!;
  }
  return BigInt(Math.round(nanos));
}

function readCount(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  const count = Number(text);
  if (Number.isFinite(count) && count >= 0) return Math.trunc(count);
  throw bad(name, 'expected a number', text);
}

function bad(name: string, wanted: string, found: string): BadRequestError {
  return new BadRequestError(
    `Parameter ${name}: ${wanted}, found ${JSON.stringify(found.slice(0, 80))}`,
    { details: { field: name } },
  );
}
