// One chunk in the agent's v0.4 format: an array of traces, each an array of maps with fixed keys.
import type { Span } from './span.ts';

let buffer = Buffer.allocUnsafe(16_384);
// Its intrinsics are several times as fast as the methods of `Buffer`.
let view = viewOf(buffer);
let at = 0;

/** Encodes chunks of spans. The result is a copy: it may be sent while the next one is encoded. */
export function encodeMsgpack(chunks: readonly (readonly Span[])[]): Buffer {
  at = 0;
  array(chunks.length);
  for (const spans of chunks) {
    array(spans.length);
    for (const span of spans) encodeSpan(span);
  }
  const encoded = Buffer.from(buffer.subarray(0, at));
  // One huge trace must not hold its memory for the life of the process.
  if (buffer.length > 1_048_576) {
    buffer = Buffer.allocUnsafe(16_384);
    view = viewOf(buffer);
  }
  return encoded;
}

function encodeSpan(span: Span): void {
  room(1);
  buffer[at++] = span.type === '' ? 0x8b : 0x8c;
  text('trace_id');
  uint64(span.trace.traceId);
  text('span_id');
  uint64(span.id);
  text('parent_id');
  uint64(span.parentId);
  text('name');
  text(span.name);
  text('resource');
  text(span.resource);
  text('service');
  text(span.service);
  if (span.type !== '') {
    text('type');
    text(span.type);
  }
  text('error');
  room(1);
  buffer[at++] = span.error;
  text('start');
  uint64(nanos(span.startMs));
  text('duration');
  uint64(nanos(span.durationMs));
  text('meta');
  const { meta, metrics } = span;
  let keys = Object.keys(meta);
  map(keys.length);
  for (const key of keys) {
    text(key);
    text(meta[key]!);
  }
  text('metrics');
  keys = Object.keys(metrics);
  map(keys.length);
  for (const key of keys) {
    text(key);
    number(metrics[key]!);
  }
}

/** Microseconds are all that the clock gives: they are exact as a number, nanoseconds would not be. */
export function nanos(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

function room(bytes: number): void {
  if (at + bytes <= buffer.length) return;
  const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
  buffer.copy(grown, 0, 0, at);
  buffer = grown;
  view = viewOf(grown);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function uint64(value: bigint): void {
  room(9);
  buffer[at] = 0xcf;
  view.setBigUint64(at + 1, value);
  at += 9;
}

function number(value: number): void {
  room(9);
  if (Number.isInteger(value) && value >= 0 && value < 128) buffer[at++] = value;
  else {
    buffer[at] = 0xcb;
    view.setFloat64(at + 1, value);
    at += 9;
  }
}

function array(length: number): void {
  room(5);
  if (length < 16) buffer[at++] = 0x90 | length;
  else {
    buffer[at] = 0xdd;
    view.setUint32(at + 1, length);
    at += 5;
  }
}

function map(length: number): void {
  room(5);
  if (length < 16) buffer[at++] = 0x80 | length;
  else {
    buffer[at] = 0xdf;
    view.setUint32(at + 1, length);
    at += 5;
  }
}

function text(value: string): void {
  const { length } = value;
  // Short ASCII by hand: a call into the runtime costs more than these few bytes.
  if (length < 32) {
    room(length + 1);
    buffer[at] = 0xa0 | length;
    let i = 0;
    for (; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) break;
      buffer[at + 1 + i] = code;
    }
    if (i === length) {
      at += length + 1;
      return;
    }
  }
  room(length * 3 + 5);
  const bytes = buffer.write(value, at + 5);
  buffer[at] = 0xdb;
  view.setUint32(at + 1, bytes);
  at += bytes + 5;
}
