import { badCompression } from './request-refused.ts';

/** One compressed frame inside a zstd body. */
export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
}

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50; // the low four bits are free
/** Far above what any sender concatenates; below what would cost noticeable time to set decoders up for. */
const MAX_FRAMES = 4096;

/**
 * Finds the frames of a zstd body without inflating it.
 *
 * Node's decoder stops after the first frame and says nothing, yet the Lambda extension concatenates several and
 * leaves out the content size. Walking block headers (RFC 8878 §3.1.1) costs one read per 128 KiB and also finds
 * a cut body before anything is inflated. Skippable frames are left out.
 *
 * @throws {RequestRefused} 400 with the byte where the structure breaks.
 */
export function zstdFrames(body: Uint8Array): ZstdFrame[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const frames: ZstdFrame[] = [];
  let at = 0;
  while (at < body.length) {
    if (frames.length === MAX_FRAMES) {
      throw badCompression(`more than ${MAX_FRAMES} zstd frames`);
    }
    need(body, at, 4);
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      need(body, at, 8);
      const end = at + 8 + view.getUint32(at + 4, true);
      need(body, end, 0);
      at = end;
      continue;
    }
    if (magic !== FRAME_MAGIC) {
      throw badCompression(`no zstd frame begins at byte ${at}`);
    }
    const end = frameEnd(body, at);
    frames.push({ start: at, end });
    at = end;
  }
  return frames;
}

function frameEnd(body: Uint8Array, start: number): number {
  need(body, start, 5);
  const descriptor = body[start + 4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  let at = start + 5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let last = false; !last;) {
    need(body, at, 3);
    const header = body[at]! | (body[at + 1]! << 8) | (body[at + 2]! << 16);
    last = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === 3) throw badCompression(`zstd block at byte ${at} has the reserved type`);
    at += 3 + (type === 1 ? 1 : header >>> 3); // type 1 repeats one byte
    need(body, at, 0);
  }
  const end = at + ((descriptor & 4) === 0 ? 0 : 4); // checksum
  need(body, end, 0);
  return end;
}

function need(body: Uint8Array, at: number, bytes: number): void {
  if (at + bytes > body.length) {
    throw badCompression(`the zstd body is cut short at byte ${body.length}`, { cut: true });
  }
}
