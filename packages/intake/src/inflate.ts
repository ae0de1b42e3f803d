import {
  constants,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Transform } from 'node:stream';
import { type BodyLimits, inflateAllowance, MAX_INFLATE_RATIO } from './body-limits.ts';
import { errorMessage } from '@spanloom/base';
import type { Coding } from './content-encoding.ts';
import type { Lease } from './memory-budget.ts';
import { badCompression, inflatesTooLarge } from './request-refused.ts';
import { zstdFrames } from './zstd-frames.ts';

/**
 * Up to here a body is inflated where we stand: at most 3.2 MiB come out (`MAX_INFLATE_RATIO`), while handing it to
 * the thread pool costs about 60 µs of set-up. Larger ones go through a stream, off the main thread, chunk by chunk.
 */
const INLINE_WIRE_BYTES = 16 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** Largest zstd window we allocate. Senders use up to 8 MiB; a header may ask for gigabytes. */
const ZSTD_MAX_WINDOW_LOG = 25;
const ZSTD_PARAMS = { [constants.ZSTD_d_windowLogMax]: ZSTD_MAX_WINDOW_LOG };

/**
 * Undoes `codings` (in the order given) with every limit enforced while inflating, never after.
 *
 * @param lease Grows by what comes out, so inflated bytes count against the memory budget as they appear.
 * @throws {RequestRefused} 400 for a corrupt or cut body, 413 beyond the limit or the ratio.
 * @throws {OverloadedError} When the memory budget is used up.
 */
export async function inflateBody(
  body: Uint8Array,
  codings: readonly Coding[],
  limits: BodyLimits,
  lease: Lease,
): Promise<Uint8Array> {
  const allowance = inflateAllowance(body.length, limits);
  let current = body;
  for (const coding of codings)
    current = await inflateOnce(current, coding, allowance, limits, lease);
  return current;
}

async function inflateOnce(
  input: Uint8Array,
  coding: Coding,
  allowance: number,
  limits: BodyLimits,
  lease: Lease,
): Promise<Uint8Array> {
  if (input.length === 0) return input;
  const parts = coding === 'zstd' ? zstdFrames(input) : [{ start: 0, end: input.length }];
  const out: Uint8Array[] = [];
  let total = 0;
  for (const { start, end } of parts) {
    const part = input.subarray(start, end);
    const room = allowance - total;
    try {
      if (input.length <= INLINE_WIRE_BYTES) {
        const piece = inflateInline(part, coding, room);
        total += piece.length;
        out.push(piece);
        if (!lease.tryGrow(piece.length)) await lease.grow(piece.length);
      } else {
        total += await inflateStream(part, coding, room, lease, out);
      }
    } catch (error) {
      throw explain(error, coding, allowance, limits);
    }
  }
  return out.length === 1 ? out[0]! : Buffer.concat(out, total);
}

function inflateInline(part: Uint8Array, coding: Coding, room: number): Uint8Array {
  // Node refuses a maximum of zero, so a full allowance is checked by hand.
  const options = { maxOutputLength: Math.max(1, room) };
  const piece =
    coding === 'gzip'
      ? gunzipSync(part, options)
      : coding === 'zstd'
        ? zstdDecompressSync(part, { ...options, params: ZSTD_PARAMS })
        : hasZlibHeader(part)
          ? inflateSync(part, options)
          : inflateRawSync(part, options);
  if (piece.length > room) throw new AllowancePassed();
  return piece;
}

function inflateStream(
  part: Uint8Array,
  coding: Coding,
  room: number,
  lease: Lease,
  out: Uint8Array[],
): Promise<number> {
  const stream = openStream(part, coding);
  return new Promise((resolve, reject) => {
    let total = 0;
    const fail = (error: unknown): void => {
      stream.destroy();
      reject(error);
    };
    stream.on('error', fail);
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > room) return fail(new AllowancePassed());
      out.push(chunk);
      if (!lease.tryGrow(chunk.length)) {
        stream.pause();
        lease.grow(chunk.length).then(() => stream.resume(), fail);
      }
    });
    stream.on('end', () => resolve(total));
    stream.end(part);
  });
}

function openStream(part: Uint8Array, coding: Coding): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  if (coding === 'gzip') return createGunzip(options);
  if (coding === 'zstd') return createZstdDecompress({ ...options, params: ZSTD_PARAMS });
  return hasZlibHeader(part) ? createInflate(options) : createInflateRaw(options);
}

/** Whether `deflate` means what the standard says (zlib, RFC 1950 §2.2) or, as some senders have it, a raw stream. */
function hasZlibHeader(body: Uint8Array): boolean {
  const first = body[0] ?? 0;
  return (first & 0x0f) === 8 && ((first << 8) | (body[1] ?? 0)) % 31 === 0;
}

/** Internal: more came out than the allowance. */
class AllowancePassed extends Error {}

function explain(error: unknown, coding: Coding, allowance: number, limits: BodyLimits): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof AllowancePassed || code === 'ERR_BUFFER_TOO_LARGE') {
    return inflatesTooLarge(
      allowance < limits.inflatedBytes
        ? `Cannot inflate request body: it grows more than ${MAX_INFLATE_RATIO} times, to over ${allowance} bytes`
        : `Cannot inflate request body: it is larger than the ${limits.inflatedBytes} bytes this route takes inflated`,
    );
  }
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    const cut = code === 'Z_BUF_ERROR';
    return badCompression(
      cut
        ? `the ${coding} body is cut short`
        : `it is not valid ${coding} (${errorMessage(error)})`,
      { cause: error, cut },
    );
  }
  return error;
}
