import { statfs } from 'node:fs/promises';
import { type Clock, OverloadedError } from '@spanloom/base';

/** What the writer may hold before it refuses more. */
export interface WriterLimits {
  /** Memory of rows that are not inserted yet. */
  readonly pendingBytes: number;
  /** The log on disk. */
  readonly walBytes: number;
  /** Free space the disk must keep. */
  readonly freeDiskBytes: number;
}

export const DEFAULT_LIMITS: WriterLimits = {
  pendingBytes: 256 * 2 ** 20,
  walBytes: 2 ** 30,
  freeDiskBytes: 256 * 2 ** 20,
};

/** Why a payload is refused, as counters name it. */
export type RefusalReason = 'pending-bytes' | 'wal-bytes' | 'free-disk' | 'log-failed' | 'closed';

const DISK_CHECK_MS = 1000;

/**
 * Whether there is room for one more payload. Nothing has to be reset after a refusal: as soon as the levels are down, the
 * next payload is taken.
 */
export class Room {
  readonly #limits: WriterLimits;
  readonly #directory: string;
  readonly #clock: Clock;
  #freeBytes = Number.POSITIVE_INFINITY;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #checking = false;

  constructor(directory: string, limits: WriterLimits, clock: Clock) {
    this.#directory = directory;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Looks at the disk. Called by itself once a second while payloads come. */
  async checkDisk(): Promise<void> {
    this.#checking = true;
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      this.#freeBytes = bavail * bsize;
    } catch {
      // A disk that cannot be asked is not a full disk; writing to it will tell.
      this.#freeBytes = Number.POSITIVE_INFINITY;
    } finally {
      this.#checkedMs = this.#clock.now();
      this.#checking = false;
    }
  }

  /** The reason why `bytes` more must be refused, with the limit in words; undefined when there is room. */
  refusal(
    bytes: number,
    levels: { pendingBytes: number; walBytes: number },
  ): { reason: RefusalReason; error: OverloadedError } | undefined {
    if (!this.#checking && this.#clock.now() - this.#checkedMs >= DISK_CHECK_MS) {
      void this.checkDisk();
    }
    const { pendingBytes, walBytes, freeDiskBytes } = this.#limits;
    // When nothing is pending, anything is taken: otherwise a payload larger than the limit could never come in.
    if (levels.pendingBytes > 0 && levels.pendingBytes + bytes > pendingBytes) {
      return refused(
        'pending-bytes',
        `${megabytes(levels.pendingBytes)} wait to be inserted, of at most ${megabytes(pendingBytes)}`,
      );
    }
    if (levels.walBytes + bytes > walBytes) {
      return refused(
        'wal-bytes',
        `the log holds ${megabytes(levels.walBytes)} of at most ${megabytes(walBytes)}`,
      );
    }
    if (this.#freeBytes - bytes < freeDiskBytes) {
      return refused(
        'free-disk',
        `the disk has ${megabytes(this.#freeBytes)} left, and ${megabytes(freeDiskBytes)} are kept free`,
      );
    }
    return undefined;
  }
}

function refused(
  reason: RefusalReason,
  found: string,
): { reason: RefusalReason; error: OverloadedError } {
  return { reason, error: new OverloadedError(`Cannot take more spans now: ${found}`) };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
