import { type EpochNanos, isJsonObject, type TraceId, tryParseTraceId } from '@spanloom/base';
import type { AttributeValue, SpanEvent, SpanLink } from '@spanloom/model';
import { type ExactJson, parseExactJson } from '../wire/json-text.ts';

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

type Members = Readonly<Record<string, ExactJson>>;

/**
 * Reads the JSON that tracers without native links and events put into `_dd.span_links` and `events`.
 * Both functions return `undefined` when the text is not what it should be; the attribute then stays as it came.
 */
export function parseLinksJson(text: string): SpanLink[] | undefined {
  const list = parseList(text);
  if (list === undefined) return undefined;
  const links: SpanLink[] = [];
  for (const item of list) {
    const traceId = traceIdOf(item);
    const spanId = hexId(item['span_id']);
    if (traceId === undefined || spanId === undefined) return undefined;
    links.push({
      traceId,
      spanId,
      attributes: attributes(item['attributes']),
      traceState: typeof item['tracestate'] === 'string' ? item['tracestate'] : '',
      flags: linkFlags(item['flags']),
    });
  }
  return links;
}

export function parseEventsJson(text: string): SpanEvent[] | undefined {
  const list = parseList(text);
  if (list === undefined) return undefined;
  const events: SpanEvent[] = [];
  for (const item of list) {
    const time = nanos(item['time_unix_nano']);
    const name = item['name'];
    if (time === undefined || typeof name !== 'string') return undefined;
    events.push({ name, time, attributes: attributes(item['attributes']) });
  }
  return events;
}

/** Bit 31 only says that the flags are there. */
export function linkFlags(value: unknown): number | undefined {
  const flags = Number(value);
  if (value === undefined || value === null || !Number.isInteger(flags) || flags === 0)
    return undefined;
  return flags & 0x7fff_ffff;
}

function parseList(text: string): Members[] | undefined {
  try {
    const value = parseExactJson(text);
    return Array.isArray(value) && value.every(isJsonObject) ? (value as Members[]) : undefined;
  } catch {
    return undefined; // expected: the text is a sender's, and callers keep it when it cannot be read
  }
}

function attributes(value: ExactJson | undefined): Record<string, AttributeValue> {
  const result = Object.create(null) as Record<string, AttributeValue>;
  if (!isJsonObject(value)) return result;
  for (const [key, item] of Object.entries(value as Members)) {
    if (item !== null) result[key] = attributeValue(item);
  }
  return result;
}

function attributeValue(value: ExactJson): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value)) return (value as readonly ExactJson[]).map(attributeValue);
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? attributeValue(item) : item,
  );
}

/** Hex text; or, as Go writes it, two numbers. */
function traceIdOf(item: Members): TraceId | undefined {
  const text = item['trace_id'];
  if (typeof text === 'string') return tryParseTraceId(text.padStart(32, '0'));
  const high = item['trace_id_high'];
  const lo = numericId(text);
  const hi = high === undefined ? 0n : numericId(high);
  return lo === undefined || hi === undefined || (lo === 0n && hi === 0n) ? undefined : { hi, lo };
}

function hexId(value: ExactJson | undefined): bigint | undefined {
  if (typeof value !== 'string') return numericId(value);
  return /^[0-9a-f]{1,16}$/i.test(value) ? BigInt(`0x${value}`) : undefined;
}

function numericId(value: ExactJson | undefined): bigint | undefined {
  return typeof value === 'bigint' && value >= 0n && value <= MAX_U64 ? value : undefined;
}

function nanos(value: ExactJson | undefined): EpochNanos | undefined {
  const digits = typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : value;
  if (typeof digits === 'number' && digits >= 0 && digits < 2 ** 64)
    return BigInt(Math.trunc(digits)) as EpochNanos;
  return numericId(digits) as EpochNanos | undefined;
}
