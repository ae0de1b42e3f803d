import { DecodeError, type EpochNanos } from '@spanloom/base';
import type { AttributeValue } from '@spanloom/model';
import type { AttributeTarget } from '../sink/attribute-target.ts';
import type { KeyTable } from '../sink/key-table.ts';
import { linkFlags } from '../sink/lifted-json.ts';
import { parseDecimalId, parseHexId } from '../sink/parse-ids.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { FieldNames } from '../wire/field-names.ts';
import { toBigint } from '../wire/int64.ts';
import type { MsgpackReader } from '../wire/msgpack-reader.ts';

const SPAN_FIELDS = [
  'service',
  'name',
  'resource',
  'trace_id',
  'span_id',
  'parent_id',
  'start',
  'duration',
  'error',
  'meta',
  'metrics',
  'type',
  'meta_struct',
  'span_links',
  'span_events',
] as const;

const spanFields = new FieldNames(SPAN_FIELDS);

/** What differs between the senders of span maps. */
export interface SpanMapOptions {
  /** How an id is read that comes as text. */
  readonly textIds: 'decimal' | 'hex';
}

const AGENT: SpanMapOptions = { textIds: 'decimal' };

/**
 * Decodes one span map of agent traces v0.1 to v0.4 and v0.7 into the sink's open row.
 * The row is open before and after: what the chunk adds comes next.
 */
export function decodeSpanMap(
  reader: MsgpackReader,
  sink: SpanSink,
  options: SpanMapOptions = AGENT,
): void {
  const { batch, row } = sink;
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    reader.readText();
    switch (spanFields.find(reader.bytes, reader.textStart, reader.textEnd)) {
      case 1:
        reader.readText();
        sink.setService(reader.bytes, reader.textStart, reader.textEnd);
        break;
      case 2:
        reader.readText();
        sink.setName(reader.bytes, reader.textStart, reader.textEnd);
        break;
      case 3:
        reader.readText();
        sink.setResource(reader.bytes, reader.textStart, reader.textEnd);
        break;
      case 4:
        readTraceId(reader, sink, options);
        break;
      case 5:
        readId(reader, options);
        batch.spanId.set(row, reader.high, reader.low);
        break;
      case 6:
        readId(reader, options);
        batch.parentId.set(row, reader.high, reader.low);
        break;
      case 7:
        reader.readInt64();
        batch.start.set(row, reader.high, reader.low);
        break;
      case 8:
        reader.readInt64();
        batch.duration.set(row, reader.high, reader.low);
        break;
      case 9:
        batch.error[row] = reader.readBoolean() ? 1 : 0;
        break;
      case 10:
        decodeMeta(reader, sink.keys, sink);
        break;
      case 11:
        decodeMetrics(reader, sink);
        break;
      case 12:
        reader.readText();
        sink.setType(reader.bytes, reader.textStart, reader.textEnd);
        break;
      case 13:
        decodeMetaStruct(reader, sink);
        break;
      case 14:
        decodeLinks(reader, sink);
        break;
      case 15:
        decodeEvents(reader, sink);
        break;
      default:
        reader.skip();
    }
  }
}

/** Reads a map of text attributes. nil values are left out, other scalars become text. */
export function decodeMeta(reader: MsgpackReader, keys: KeyTable, target: AttributeTarget): void {
  for (let left = reader.readMapHeader(); left > 0; left--) {
    reader.readText();
    const key = keys.find(reader.bytes, reader.textStart, reader.textEnd);
    if (reader.isText()) {
      reader.readText();
      target.text(key, reader.bytes, reader.textStart, reader.textEnd);
    } else if (!reader.takeNil()) {
      const text = Buffer.from(scalarText(reader), 'utf8');
      target.text(key, text, 0, text.length);
    }
  }
}

function scalarText(reader: MsgpackReader): string {
  const type = reader.peek();
  if (type === 0xc2 || type === 0xc3) {
    reader.pos++;
    return type === 0xc3 ? 'true' : 'false';
  }
  if (type >= 0xc4 && type <= 0xc6) return reader.readString();
  const value = reader.readNumber();
  if (!reader.integer || Number.isSafeInteger(value)) return String(value);
  const exact = toBigint(reader.high, reader.low);
  return (value < 0 ? BigInt.asIntN(64, exact) : exact).toString();
}

/** Reads a map of numeric attributes; nil values are left out. */
function decodeMetrics(reader: MsgpackReader, sink: SpanSink): void {
  for (let left = reader.readMapHeader(); left > 0; left--) {
    reader.readText();
    const key = sink.keys.find(reader.bytes, reader.textStart, reader.textEnd);
    if (reader.takeNil()) continue;
    const value = reader.readNumber();
    if (reader.integer) sink.wholeMetric(key, reader.high, reader.low, value);
    else sink.metric(key, value);
  }
}

function decodeMetaStruct(reader: MsgpackReader, sink: SpanSink): void {
  for (let left = reader.readMapHeader(); left > 0; left--) {
    reader.readText();
    const key = sink.keys.find(reader.bytes, reader.textStart, reader.textEnd);
    if (reader.takeNil()) continue;
    reader.readText();
    sink.binary(key, reader.bytes, reader.textStart, reader.textEnd);
  }
}

function readTraceId(reader: MsgpackReader, sink: SpanSink, options: SpanMapOptions): void {
  const at = reader.pos;
  if (options.textIds === 'hex' && reader.isText()) {
    reader.readText();
    const text = reader.string();
    // A 128-bit id in one piece: the upper half is what `_dd.p.tid` would state.
    if (text.length === 32) sink.textOf(sink.keys.of('_dd.p.tid'), text.slice(0, 16).toLowerCase());
    useTextId(reader, text.length === 32 ? text.slice(16) : text, options, at);
  } else {
    readId(reader, options);
  }
  sink.batch.traceLow.set(sink.row, reader.high, reader.low);
}

/** Reads an id into `high` and `low`: a number, or text in the sender's way. */
function readId(reader: MsgpackReader, options: SpanMapOptions): void {
  if (!reader.isText()) {
    reader.readInt64();
    return;
  }
  const at = reader.pos;
  reader.readText();
  useTextId(reader, reader.string(), options, at);
}

function useTextId(reader: MsgpackReader, text: string, options: SpanMapOptions, at: number): void {
  const words =
    text === ''
      ? { high: 0, low: 0 }
      : options.textIds === 'hex'
        ? parseHexId(text.padStart(16, '0'))
        : parseDecimalId(text);
  if (words === undefined)
    throw new DecodeError(
      `expected an id as ${options.textIds} text, found ${JSON.stringify(text.slice(0, 40))}`,
      at,
    );
  reader.high = words.high;
  reader.low = words.low;
}

const linkFields = new FieldNames([
  'trace_id',
  'trace_id_high',
  'span_id',
  'attributes',
  'tracestate',
  'flags',
]);

function decodeLinks(reader: MsgpackReader, sink: SpanSink): void {
  for (let count = reader.readArrayHeader(); count > 0; count--) {
    let [hi, lo, spanId] = [0n, 0n, 0n];
    let attributes: Record<string, AttributeValue> = {};
    let traceState = '';
    let flags: number | undefined;
    for (let fields = reader.readMapHeader(); fields > 0; fields--) {
      reader.readText();
      switch (linkFields.find(reader.bytes, reader.textStart, reader.textEnd)) {
        case 1:
          lo = readBigint(reader);
          break;
        case 2:
          hi = readBigint(reader);
          break;
        case 3:
          spanId = readBigint(reader);
          break;
        case 4:
          attributes = readTextMap(reader);
          break;
        case 5:
          traceState = reader.readString();
          break;
        case 6:
          flags = linkFlags(reader.readNumber());
          break;
        default:
          reader.skip();
      }
    }
    addLink(sink, { traceId: { hi, lo }, spanId, attributes, traceState, flags });
  }
}

/** A link to no trace leads nowhere: it is counted instead of kept. */
export function addLink(sink: SpanSink, link: SpanSink['links'][number]): void {
  if (link.traceId.hi === 0n && link.traceId.lo === 0n) sink.count('SpanLinkIDZero');
  else sink.links.push(link);
}

const eventFields = new FieldNames(['time_unix_nano', 'name', 'attributes']);

function decodeEvents(reader: MsgpackReader, sink: SpanSink): void {
  for (let count = reader.readArrayHeader(); count > 0; count--) {
    let time = 0n;
    let name = '';
    const attributes = Object.create(null) as Record<string, AttributeValue>;
    for (let fields = reader.readMapHeader(); fields > 0; fields--) {
      reader.readText();
      switch (eventFields.find(reader.bytes, reader.textStart, reader.textEnd)) {
        case 1:
          time = readBigint(reader);
          break;
        case 2:
          name = reader.readString();
          break;
        case 3:
          for (let left = reader.readMapHeader(); left > 0; left--) {
            const key = reader.readString();
            const value = readAnyValue(reader, true);
            if (value !== undefined) attributes[key] = value;
          }
          break;
        default:
          reader.skip();
      }
    }
    sink.events.push({ name, time: time as EpochNanos, attributes });
  }
}

const anyFields = new FieldNames([
  'type',
  'string_value',
  'bool_value',
  'int_value',
  'double_value',
  'array_value',
  'values',
]);

/** Reads an attribute value of an event: the field that `type` names, else the one that is there. */
function readAnyValue(reader: MsgpackReader, mayNest: boolean): AttributeValue | undefined {
  let type = -1;
  const found: (AttributeValue | undefined)[] = [];
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    reader.readText();
    const field = anyFields.find(reader.bytes, reader.textStart, reader.textEnd);
    if (field === 1) type = reader.readNumber();
    else if (field === 2) found[0] = reader.readString();
    else if (field === 3) found[1] = reader.readBoolean();
    else if (field === 4 || field === 5) found[field - 2] = readNumberValue(reader);
    else if (field === 6 && mayNest) found[4] = readArrayValue(reader);
    else reader.skip();
  }
  return found[type] ?? found.find((value) => value !== undefined);
}

function readArrayValue(reader: MsgpackReader): AttributeValue[] {
  const values: AttributeValue[] = [];
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    reader.readText();
    if (anyFields.find(reader.bytes, reader.textStart, reader.textEnd) !== 7) {
      reader.skip();
      continue;
    }
    for (let left = reader.readArrayHeader(); left > 0; left--) {
      const value = readAnyValue(reader, false);
      if (value !== undefined) values.push(value);
    }
  }
  return values;
}

/** A number, or decimal text where a double would round it. */
function readNumberValue(reader: MsgpackReader): AttributeValue {
  const value = reader.readNumber();
  if (!reader.integer || Number.isSafeInteger(value))
    return Number.isFinite(value) ? value : String(value);
  return String(BigInt.asIntN(64, toBigint(reader.high, reader.low)));
}

function readBigint(reader: MsgpackReader): bigint {
  reader.readInt64();
  return toBigint(reader.high, reader.low);
}

function readTextMap(reader: MsgpackReader): Record<string, AttributeValue> {
  const map = Object.create(null) as Record<string, AttributeValue>;
  for (let left = reader.readMapHeader(); left > 0; left--) {
    const key = reader.readString();
    if (reader.takeNil()) continue;
    map[key] = reader.isText() ? reader.readString() : scalarText(reader);
  }
  return map;
}
