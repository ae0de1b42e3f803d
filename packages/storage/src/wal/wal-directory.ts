import { mkdirSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '@spanloom/base';
import { failpoint } from '../failpoint.ts';
import { type Commit, SegmentFile } from './segment-file.ts';
import { formatSegmentName, type InsertedRows, parseSegmentName } from './segment-name.ts';

/** A segment that an earlier process left behind. */
export interface LeftSegment {
  readonly seq: number;
  readonly path: string;
  readonly bytes: number;
  /** When it was last written, ms since the epoch. */
  readonly writtenMs: number;
  /** As in its name. */
  readonly inserted: InsertedRows | undefined;
}

interface DoneSegment {
  readonly seq: number;
  readonly path: string;
  readonly bytes: number;
  readonly doneMs: number;
}

/**
 * The folder of segments: which numbers are taken, how many bytes it holds, and when a segment may go.
 *
 * A segment stays for a while after its rows are in the database, because the engine does not force its own files to disk:
 * after a power failure they may be gone although the insert succeeded, and the segment is then inserted again. The newest
 * always stays, so that numbers are never used twice.
 */
export class WalDirectory {
  readonly path: string;
  /** Bytes of all segments. */
  bytes = 0;
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #done: DoneSegment[] = [];
  #newestSeq: number;

  private constructor(path: string, clock: Clock, keepMs: number, newestSeq: number) {
    this.path = path;
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#newestSeq = newestSeq;
  }

  /** Opens the folder and lists what is there, oldest first. */
  static async open(
    path: string,
    options: { clock: Clock; keepMs: number },
  ): Promise<{ directory: WalDirectory; left: readonly LeftSegment[] }> {
    mkdirSync(path, { recursive: true });
    const left: LeftSegment[] = [];
    for (const name of await readdir(path)) {
      const parsed = parseSegmentName(name);
      if (parsed === undefined) continue;
      const file = join(path, name);
      const { size, mtimeMs } = await stat(file);
      left.push({ ...parsed, path: file, bytes: size, writtenMs: mtimeMs });
    }
    left.sort((a, b) => a.seq - b.seq);
    const directory = new WalDirectory(path, options.clock, options.keepMs, left.at(-1)?.seq ?? 0);
    directory.bytes = left.reduce((sum, { bytes }) => sum + bytes, 0);
    return { directory, left };
  }

  /** Number of the oldest batch that is inserted and still in the log; undefined when there is none. */
  get oldestInserted(): number | undefined {
    return this.#done[0]?.seq;
  }

  /**
   * Starts the log of the next batch.
   * @throws {LogWriteError} If the file cannot be made.
   */
  create(onCommit: (commit: Commit) => void): SegmentFile {
    // The first number comes from the clock, so that numbers grow even if somebody empties the folder: the tables remember
    // the old ones.
    const next = this.#newestSeq === 0 ? this.#clock.now() * 1000 : this.#newestSeq + 1;
    const segment = SegmentFile.create(this.path, next, onCommit);
    this.#newestSeq = segment.seq;
    return segment;
  }

  /** Notes in a segment's name that its rows are inserted. From then on it is only kept against power failures. */
  async markDone(
    segment: { seq: number; path: string; bytes: number },
    inserted: InsertedRows,
  ): Promise<void> {
    const path = join(this.path, formatSegmentName({ seq: segment.seq, inserted }));
    if (path !== segment.path) await rename(segment.path, path);
    this.#done.push({
      seq: segment.seq,
      path,
      bytes: segment.bytes,
      doneMs: this.#clock.now(),
    });
  }

  /** Puts a segment aside with the reason, for a person to look at. */
  async reject(segment: { path: string; bytes: number }, reason: string): Promise<string> {
    const target = await this.#placeForRejected(segment, reason);
    await rename(segment.path, target);
    this.bytes -= segment.bytes;
    return target;
  }

  /** Puts a copy of a segment aside with the reason: some of it could be used and some could not. */
  async preserve(segment: { path: string }, reason: string): Promise<string> {
    const target = await this.#placeForRejected(segment, reason);
    await copyFile(segment.path, target);
    return target;
  }

  async #placeForRejected(segment: { path: string }, reason: string): Promise<string> {
    const folder = join(this.path, 'rejected');
    await mkdir(folder, { recursive: true });
    const target = join(folder, basename(segment.path));
    await writeFile(`${target}.txt`, `${reason}\n`);
    return target;
  }

  /**
   * Deletes what has been kept long enough; and when the folder holds more than `maxBytes`, the oldest inserted segments
   * before their time: taking new spans is worth more than surviving a power failure twice.
   * @returns How many went before their time.
   */
  async sweep(maxBytes: number): Promise<number> {
    let early = 0;
    const now = this.#clock.now();
    while (this.#done.length > 0) {
      const oldest = this.#done[0]!;
      if (oldest.seq >= this.#newestSeq) break;
      const due = oldest.doneMs + this.#keepMs <= now;
      if (!due && this.bytes <= maxBytes) break;
      if (!due) early++;
      this.#done.shift();
      this.bytes -= oldest.bytes;
      failpoint('before-delete');
      await rm(oldest.path, { force: true });
    }
    return early;
  }
}
