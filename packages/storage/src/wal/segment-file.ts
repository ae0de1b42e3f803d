import { close, fdatasync, fsync, openSync, write, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { errorMessage, SpanloomError } from '@spanloom/base';
import { failpoint, isArmed } from '../failpoint.ts';
import type { Frame } from './record-frame.ts';
import { formatSegmentName } from './segment-name.ts';

/** What every segment starts with; the last byte is the version of the format. */
export const SEGMENT_HEADER: Buffer = Buffer.from('SPANLOOM-LOG\n\0\0\x01', 'latin1');

const writeAsync = promisify(write);
const fdatasyncAsync = promisify(fdatasync);
const fsyncAsync = promisify(fsync);
const closeAsync = promisify(close);

/** The log could not be written, so what it was to hold is not safe. */
export class LogWriteError extends SpanloomError {
  override readonly name = 'LogWriteError';
  readonly code = 'LOG_WRITE_FAILED';

  constructor(path: string, cause: unknown) {
    super(`Cannot write the log ${path}: ${errorMessage(cause)}`, { cause });
  }
}

/** What a commit took, for counters. */
export interface Commit {
  readonly frames: number;
  readonly bytes: number;
  readonly seconds: number;
}

interface Waiting {
  readonly frame: Frame;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The log of one batch while it is being written.
 *
 * Everything that is appended while a commit runs shares the next one: one write and one `fdatasync`, however many payloads
 * that is. With one commit at a time the group grows with the load, and a lone payload waits for nobody.
 */
export class SegmentFile {
  readonly seq: number;
  readonly path: string;
  /** Bytes appended, written or not. */
  bytes: number = SEGMENT_HEADER.length;
  /** Bytes that wait for a commit or are in one. */
  waitingBytes = 0;
  readonly #fd: number;
  readonly #onCommit: (commit: Commit) => void;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #written = 0;
  #failure: LogWriteError | undefined;

  private constructor(seq: number, path: string, fd: number, onCommit: (commit: Commit) => void) {
    this.seq = seq;
    this.path = path;
    this.#fd = fd;
    this.#onCommit = onCommit;
  }

  /**
   * Makes the file, under the first free number from `seq` on. Synchronous: it happens a few times a second and takes some
   * tens of microseconds.
   * @throws {LogWriteError} If that is not possible.
   */
  static create(directory: string, seq: number, onCommit: (commit: Commit) => void): SegmentFile {
    for (let number = seq; ; number++) {
      const path = join(directory, formatSegmentName({ seq: number, inserted: undefined }));
      try {
        return new SegmentFile(number, path, openSync(path, 'wx', 0o600), onCommit);
      } catch (error) {
        // Another process has this directory too and the engine will refuse one of the two; until then both keep their own.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          throw new LogWriteError(path, error);
        }
      }
    }
  }

  /** Set once a commit failed: nothing more can be appended. */
  get failure(): LogWriteError | undefined {
    return this.#failure;
  }

  /**
   * Adds a frame. Resolves when it is on disk; its body must not change until then.
   * @throws {LogWriteError} If it could not be written.
   */
  append(frame: Frame): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.bytes += frame.bytes;
    this.waitingBytes += frame.bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, resolve, reject });
      this.#running ??= this.#commitAll();
    });
  }

  /** Waits for what was appended and closes the file. Never rejects: whoever appended has been told. */
  async close(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await closeAsync(this.#fd).catch(() => undefined);
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const bytes = group.reduce((sum, { frame }) => sum + frame.bytes, 0);
      const started = performance.now();
      try {
        await this.#commit(group);
      } catch (error) {
        this.#fail(error, group);
        break;
      }
      this.waitingBytes -= bytes;
      this.#onCommit({
        frames: group.length,
        bytes,
        seconds: (performance.now() - started) / 1000,
      });
      failpoint('after-fsync');
      for (const { resolve } of group) resolve();
    }
    this.#running = undefined;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const first = this.#written === 0;
    const parts: Uint8Array[] = first ? [SEGMENT_HEADER] : [];
    for (const { frame } of group) parts.push(frame.head, frame.body);
    const buffer = Buffer.concat(parts);
    if (isArmed('torn-write')) writeSync(this.#fd, buffer, 0, buffer.length >> 1, this.#written);
    failpoint('torn-write');
    for (let done = 0; done < buffer.length;) {
      const { bytesWritten } = await writeAsync(
        this.#fd,
        buffer,
        done,
        buffer.length - done,
        this.#written + done,
      );
      done += bytesWritten;
    }
    this.#written += buffer.length;
    failpoint('before-fsync');
    await fdatasyncAsync(this.#fd);
    // The name of a new file must survive too.
    if (first) await syncDirectory(dirname(this.path));
  }

  /**
   * After a failed write or sync nobody knows what the disk holds, and syncing again may wrongly succeed. So this file ends
   * here: what was synced before stays good, everything else is refused.
   */
  #fail(error: unknown, group: readonly Waiting[]): void {
    this.#failure = new LogWriteError(this.path, error);
    const refused = [...group, ...this.#waiting];
    this.#waiting = [];
    this.waitingBytes = 0;
    for (const { reject } of refused) reject(this.#failure);
  }
}

/** Makes changes of names in a directory durable. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await fsyncAsync(directory.fd);
  } finally {
    await directory.close();
  }
}
