import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { IntakeRecord } from '@spanloom/model';
import { decodeFrame, FRAME_HEADER_BYTES } from './record-frame.ts';
import { SEGMENT_HEADER } from './segment-file.ts';

/** What a segment of an earlier process holds. */
export interface SegmentContents {
  readonly records: readonly IntakeRecord[];
  /** Frames with a wrong checksum that have good ones behind them: damage on disk, not a write cut short. */
  readonly corruptFrames: number;
  /** Bytes after the last good frame: a write that was cut short, so nobody was told it was safe. */
  readonly tornBytes: number;
}

/** Reads a segment, whatever state the crash left it in. */
export async function readSegment(path: string): Promise<SegmentContents> {
  return parseSegment(await readFile(path));
}

/** Reads the bytes of a segment. Bodies are views into them. */
export function parseSegment(file: Buffer): SegmentContents {
  const records: IntakeRecord[] = [];
  let corruptFrames = 0;
  let corruptSinceGood = 0;
  if (!file.subarray(0, SEGMENT_HEADER.length).equals(SEGMENT_HEADER)) {
    return { records, corruptFrames, tornBytes: file.length };
  }
  let at = SEGMENT_HEADER.length;
  let goodEnd = at;
  while (at + FRAME_HEADER_BYTES <= file.length) {
    const end = at + FRAME_HEADER_BYTES + file.readUInt32LE(at);
    if (end > file.length) break;
    const payload = file.subarray(at + FRAME_HEADER_BYTES, end);
    // A length of 0 is what a hole in the file looks like: no frame is empty.
    if (payload.length > 0 && crc32(payload) === file.readUInt32LE(at + 4)) {
      records.push(decodeFrame(payload));
      corruptFrames += corruptSinceGood;
      corruptSinceGood = 0;
      goodEnd = end;
    } else {
      if (payload.length === 0) break;
      corruptSinceGood++;
    }
    at = end;
  }
  return { records, corruptFrames, tornBytes: file.length - goodEnd };
}
