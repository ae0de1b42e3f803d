import { crc32 } from 'node:zlib';
import type { EpochMillis } from '@spanloom/base';
import { ByteWriter } from '@spanloom/base/byte-writer';
import type { IntakeRecord, RecordFormat } from '@spanloom/model';

/** Bytes before a frame's payload: its length and its CRC-32, both u32. */
export const FRAME_HEADER_BYTES = 8;

/** A record as a frame: what goes before the body, and the body itself, uncopied. */
export interface Frame {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly bytes: number;
}

/**
 * Writes a record as a frame of the log.
 *
 * ```
 * u32 length of the payload, u32 CRC-32 of the payload
 * payload: text format, u64 received ms, varint headers, per header text name and text value, the body to the end
 * ```
 */
export function encodeFrame(record: IntakeRecord): Frame {
  const head = new ByteWriter(256);
  head.u32(0);
  head.u32(0);
  head.text(record.format);
  head.u64(record.receivedMs);
  const headers = Object.entries(record.headers);
  head.varint(headers.length);
  for (const [name, value] of headers) {
    head.text(name);
    head.text(value);
  }
  const bytes = head.view();
  const checksum = crc32(record.body, crc32(bytes.subarray(FRAME_HEADER_BYTES)));
  bytes.writeUInt32LE(bytes.length - FRAME_HEADER_BYTES + record.body.length, 0);
  bytes.writeUInt32LE(checksum, 4);
  return { head: bytes, body: record.body, bytes: bytes.length + record.body.length };
}

/** Reads the payload of a frame whose checksum was right. The body is a view into `payload`. */
export function decodeFrame(payload: Buffer): IntakeRecord {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = payload.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const length = varint();
    at += length;
    return payload.toString('utf8', at - length, at);
  };
  const format = text() as RecordFormat;
  const receivedMs = Number(payload.readBigUInt64LE(at)) as EpochMillis;
  at += 8;
  // No prototype: a header may well be named `__proto__`.
  const headers = Object.create(null) as Record<string, string>;
  for (let left = varint(); left > 0; left--) {
    const name = text();
    headers[name] = text();
  }
  return { format, receivedMs, headers, body: payload.subarray(at) };
}
