import { type EpochNanos, isJsonObject, tryParseTraceId } from '@spanloom/base';
import type { AttributeValue, SpanEvent, SpanLink } from '@spanloom/model';

/**
 * Reads the JSON that tracers without native links and events put into `_dd.span_links` and `events`.
 * Both functions return `undefined` when the text is not what it should be; the attribute then stays as it came.
 */
export function parseLinksJson(text: string): SpanLink[] | undefined {
  const list = parseList(text);
  if (list === undefined) return undefined;
  const links: SpanLink[] = [];
  for (const item of list) {
    const traceId = typeof item['trace_id'] === 'string' ? tryParseTraceId(item['trace_id'].padStart(32, '0')) : undefined;
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
  if (value === undefined || value === null || !Number.isInteger(flags) || flags === 0) return undefined;
  return flags & 0x7fff_ffff;
}

/** Integers that a double would round: kept as decimal text until someone knows their type. */
class BigNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

function parseList(text: string): Record<string, unknown>[] | undefined {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  try {
    const value = parse(text, (_key, item, context) =>
      typeof item === 'number' && !Number.isSafeInteger(item) && /^-?\d+$/.test(context.source ?? '')
        ? new BigNumber(context.source!)
        : item,
    );
    return Array.isArray(value) && value.every(isJsonObject) ? value : undefined;
  } catch {
    return undefined; // expected: the text is a sender's, and callers keep it when it cannot be read
  }
}

function attributes(value: unknown): Record<string, AttributeValue> {
  const result = Object.create(null) as Record<string, AttributeValue>;
  if (!isJsonObject(value)) return result;
  for (const [key, item] of Object.entries(value)) {
    if (item !== null) result[key] = attributeValue(item);
  }
  return result;
}

function attributeValue(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof BigNumber) return value.digits;
  if (Array.isArray(value)) return value.map(attributeValue);
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof BigNumber ? item.digits : item));
}

function hexId(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^[0-9a-f]{1,16}$/i.test(value) ? BigInt(`0x${value}`) : undefined;
}

function nanos(value: unknown): EpochNanos | undefined {
  const digits = value instanceof BigNumber ? value.digits : String(value);
  if (/^\d{1,20}$/.test(digits)) return BigInt(digits) as EpochNanos;
  return typeof value === 'number' && Number.isFinite(value) ? (BigInt(Math.trunc(value)) as EpochNanos) : undefined;
}
