import { ProtobufWriter } from '../wire/protobuf-writer.ts';
import { givenEnvironment } from '../xray-segment/annotations.ts';
import { obfuscateSql } from '../xray-segment/obfuscate-sql.ts';
import { scrubConnection, scrubUrl } from '../xray-segment/scrub-url.ts';
import {
  isXRayObject,
  NumberText,
  objectAt,
  objectsAt,
  textAt,
  type XRayObject,
  type XRayValue,
  xrayJson,
} from '../xray-segment/xray-json.ts';
import { type SpanRecord, spanIdAt, wholeAt } from './span-record.ts';
import { parseXRayTraceId } from '../xray-segment/segment-ids.ts';

/** Values inside values that are written as such: what reads them refuses 32. What is deeper is written as JSON. */
const DEEPEST = 16;

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUSES = ['UNSET', 'OK', 'ERROR'];

const ENVIRONMENT = /^deployment\.environment(?:\.name)?$/;

/** Values that may hold secrets, and how each is made fit to be shown. */
const SCRUBBERS: ReadonlyMap<string, (text: string, attributes: XRayObject) => string> = new Map([
  ['http.url', scrubUrl],
  ['url.full', scrubUrl],
  ['http.target', scrubUrl],
  ['url.query', (text) => scrubUrl(`?${text}`).slice(1)],
  ['db.connection_string', scrubConnection],
  ['db.statement', scrubStatement],
  ['db.query.text', scrubStatement],
]);

/** Writes records as an OTLP trace export: each with a resource of its own, as they come. */
export function writeOtlp(records: readonly SpanRecord[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const record of records) {
    writer.message(1, () => {
      const resource = objectAt(objectAt(record.fields, 'resource'), 'attributes');
      writer.message(1, () => writeAttributes(writer, 1, resource));
      writer.message(2, () => writeScopeSpans(writer, record));
    });
  }
  return writer.out.view();
}

function writeScopeSpans(writer: ProtobufWriter, record: SpanRecord): void {
  const scope = objectAt(record.fields, 'scope');
  writer.message(1, () => {
    writer.string(1, textAt(scope, 'name'));
    writer.string(2, textAt(scope, 'version'));
    writeAttributes(writer, 3, objectAt(scope, 'attributes'));
  });
  writer.message(2, () => writeSpan(writer, record));
}

function writeSpan(writer: ProtobufWriter, record: SpanRecord): void {
  const { fields, traceId, start } = record;
  const attributes = objectAt(fields, 'attributes');
  writer.bytes(1, idBytes(traceId.hi, traceId.lo));
  writer.bytes(2, idBytes(record.spanId));
  writer.string(3, textAt(fields, 'traceState'));
  if (record.parentId !== 0n) writer.bytes(4, idBytes(record.parentId));
  writer.string(5, textAt(fields, 'name'));
  writer.integer(6, numbered(fields['kind'], KINDS));
  writer.fixed64(7, start);
  writer.fixed64(8, record.end ?? start);
  writeAttributes(writer, 9, record.facts);
  for (const key in attributes) {
    if (!(key in record.facts)) writeAttribute(writer, 9, key, scrubbed(key, attributes));
  }
  for (const event of objectsAt(fields, 'events'))
    writer.message(11, () => writeEvent(writer, event));
  for (const link of objectsAt(fields, 'links')) writeLink(writer, link);
  writer.message(15, () => {
    const status = objectAt(fields, 'status');
    writer.string(2, textAt(status, 'message'));
    writer.integer(3, numbered(status['code'], STATUSES));
  });
}

function writeEvent(writer: ProtobufWriter, event: XRayObject): void {
  writer.fixed64(1, wholeAt(event, 'timeUnixNano') ?? 0n);
  writer.string(2, textAt(event, 'name'));
  writeAttributes(writer, 3, objectAt(event, 'attributes'));
}

function writeLink(writer: ProtobufWriter, link: XRayObject): void {
  const traceId = parseXRayTraceId(textAt(link, 'traceId'));
  if (traceId === undefined) return;
  writer.message(13, () => {
    writer.bytes(1, idBytes(traceId.hi, traceId.lo));
    writer.bytes(2, idBytes(spanIdAt(link, 'spanId')));
    writer.string(3, textAt(link, 'traceState'));
    writeAttributes(writer, 4, objectAt(link, 'attributes'));
  });
}

function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: XRayObject,
  depth = 1,
): void {
  for (const key in attributes) {
    // One that nobody gave is none; `aws.local.environment` says the same.
    const isMadeUp = ENVIRONMENT.test(key) && givenEnvironment(textAt(attributes, key)) === '';
    if (!isMadeUp) writeAttribute(writer, field, key, attributes[key]!, depth);
  }
}

function writeAttribute(
  writer: ProtobufWriter,
  field: number,
  key: string,
  value: XRayValue,
  depth = 1,
): void {
  if (value === null || key === '') return;
  writer.message(field, () => {
    writer.always(1, key);
    writer.message(2, () => writeValue(writer, value, depth));
  });
}

function writeValue(writer: ProtobufWriter, value: XRayValue, depth: number): void {
  if (typeof value === 'string') writer.always(1, value);
  else if (typeof value === 'boolean') writer.integerAlways(2, value ? 1 : 0);
  else if (value instanceof NumberText) writeNumber(writer, value);
  else if (value === null) return;
  else if (depth > DEEPEST) writer.always(1, xrayJson(value));
  else if (isXRayObject(value))
    writer.message(6, () => writeAttributes(writer, 1, value, depth + 1));
  else writer.message(5, () => writeValues(writer, value, depth + 1));
}

function writeValues(writer: ProtobufWriter, values: readonly XRayValue[], depth: number): void {
  for (const value of values) writer.message(1, () => writeValue(writer, value, depth));
}

/** An integer where it is written as one and fits. */
function writeNumber(writer: ProtobufWriter, { text, value }: NumberText): void {
  if (/^-?\d{1,19}$/.test(text)) {
    const whole = BigInt(text);
    if (whole === BigInt.asIntN(64, whole)) return writer.integerAlways(3, whole);
  }
  writer.double(4, value);
}

function scrubbed(key: string, attributes: XRayObject): XRayValue {
  const value = attributes[key]!;
  const scrub = typeof value === 'string' ? SCRUBBERS.get(key) : undefined;
  return scrub === undefined ? value : scrub(value as string, attributes);
}

function scrubStatement(text: string, attributes: XRayObject): string {
  return obfuscateSql(
    text,
    textAt(attributes, 'db.system') || textAt(attributes, 'db.system.name'),
  );
}

/** The number of an enum's value, which comes as its name, with or without what OTLP puts before it, or as the number itself. */
function numbered(value: XRayValue | undefined, names: readonly string[]): number {
  if (value instanceof NumberText) {
    const number = value.value;
    return Number.isInteger(number) && number >= 0 && number < names.length ? number : 0;
  }
  if (typeof value !== 'string') return 0;
  return Math.max(0, names.indexOf(value.toUpperCase().split('_').at(-1)!));
}

function idBytes(...words: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(words.length * 8);
  for (const [index, word] of words.entries()) bytes.writeBigUInt64BE(word, index * 8);
  return bytes;
}
