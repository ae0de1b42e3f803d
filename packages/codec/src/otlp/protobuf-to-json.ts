import { signedText, unsignedText } from '../wire/int64.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';
import { type JsonField, type JsonMessage, TRACES_REQUEST } from './json-schema.ts';

/** Rewrites an OTLP trace export in protobuf as OTLP's JSON. Fields without a JSON name are left out. */
export function protobufToOtlpJson(body: Uint8Array): string {
  return messageJson(new ProtobufReader(body), body.length, TRACES_REQUEST);
}

function messageJson(reader: ProtobufReader, end: number, message: JsonMessage): string {
  const byNumber = new Map(
    Object.entries(message()).map(([name, field]) => [field.field, { name, field }]),
  );
  const members = new Map<string, string>();
  const lists = new Map<string, string[]>();
  while (reader.next(end)) {
    const known = byNumber.get(reader.field);
    if (known === undefined) {
      reader.skip(end);
    } else if (known.field.type === 'list') {
      const list = lists.get(known.name) ?? [];
      list.push(fieldJson(reader, end, known.field.of));
      lists.set(known.name, list);
    } else {
      members.set(known.name, fieldJson(reader, end, known.field));
    }
  }
  for (const [name, items] of lists) members.set(name, `[${items.join(',')}]`);
  return `{${Array.from(members, ([name, json]) => `"${name}":${json}`).join(',')}}`;
}

function fieldJson(reader: ProtobufReader, end: number, field: JsonField): string {
  switch (field.type) {
    case 'message':
      return messageJson(reader, reader.enter(end), field.message);
    case 'string':
      return JSON.stringify(reader.readString(end));
    case 'hex':
    case 'base64':
      reader.readBytes(end);
      return `"${Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString(field.type)}"`;
    case 'boolean':
      return String(reader.readVarint(end) !== 0);
    case 'double': {
      const value = reader.readDouble(end);
      if (!Number.isFinite(value)) return `"${value}"`;
      return Object.is(value, -0) ? '-0' : String(value);
    }
    case 'int64':
      reader.readInt64(end);
      return `"${signedText(reader.high, reader.low)}"`;
    case 'fixed64':
      reader.readInt64(end);
      return `"${unsignedText(reader.high, reader.low)}"`;
    case 'fixed32':
      return String(reader.readFixed32(end));
    case 'uint32':
    case 'enum':
      return String(reader.readVarint(end));
    case 'list':
      throw new Error('a list of lists is in no OTLP message');
  }
}
