import { type Clock, errorMessage } from '@spanloom/base';
import { identifier, p, type Sql, spanFlagBits, sql } from '@spanloom/sql';
import { bindParams } from '../bind-params.ts';
import type { Database } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import {
  supersededCount,
  type SupersededVersion,
  supersededVersions,
} from '../queries/superseded-versions.ts';
import {
  spansKept,
  spansLive,
  type TableName,
  xraySuperseded,
  xrayVersions,
} from '../schema/tables.ts';

/** When replaced versions of fetched traces are deleted. */
export interface SupersededSweepOptions {
  readonly everyMs: number;
  /** Or as soon as this many versions wait: readers carry the list of them. */
  readonly aboveVersions: number;
}

export interface SupersededSweepSetup extends SupersededSweepOptions {
  readonly clock: Clock;
  /** How long the kernel may hold written pages back, with room to spare. */
  readonly settleMs: number;
  /** Told of how many versions the rows are gone, some at a time. */
  readonly swept: (versions: number) => void;
  readonly report: (message: string) => void;
}

export const DEFAULT_SUPERSEDED_SWEEP: SupersededSweepOptions = {
  everyMs: 3_600_000,
  aboveVersions: 100_000,
};

const FIRST_AFTER_MS = 300_000;
const COUNT_EVERY_MS = 60_000;
/** Versions per statement: the engine reads no statement above 256 KiB, and each of them takes some 60 bytes. */
const CHUNK = 2000;

/** Versions whose rows are deleted, and when they were. */
interface Settling {
  readonly versions: readonly SupersededVersion[];
  readonly deletedMs: number;
}

/**
 * Deletes the rows of replaced versions, and later what hides them: in that order, so that a crash anywhere leaves rows hidden
 * and work to repeat. The engine does not force its files to disk, so what hides rows stays until the kernel has surely written
 * that they are deleted; after a power failure both would otherwise be undone one by one. Each round works on a fixed list,
 * because versions are replaced meanwhile.
 *
 * Batches that are still in the log are left alone: a replay would miss their rows and bring them back.
 */
export class SupersededSweep {
  readonly #database: Database;
  readonly #options: SupersededSweepSetup;
  readonly #settling: Settling[] = [];
  #sweptMs: number;
  #countedMs = 0;
  #running: Promise<number> | undefined;
  #stopped = false;

  constructor(database: Database, options: SupersededSweepSetup) {
    this.#database = database;
    this.#options = options;
    // Soon after the start, for processes that never live for long.
    this.#sweptMs = options.clock.now() - Math.max(0, options.everyMs - FIRST_AFTER_MS);
  }

  /** Sweeps when it is time. Failures are reported, and the next time is another try. */
  async sweepIfDue(beforeSeq: number | undefined): Promise<void> {
    if (this.#running !== undefined || this.#stopped) return;
    try {
      if (await this.#isDue()) await this.sweep(beforeSeq);
      else if (this.#isSettled()) await this.#alone(() => this.#forgetSettled().then(() => 0));
    } catch (error) {
      if (this.#stopped) return;
      this.#options.report(
        `Replaced versions of X-Ray traces could not be deleted: ${errorMessage(error)}`,
      );
    }
  }

  /**
   * Deletes what is replaced now, but for batches from `beforeSeq` on. A call while another runs gets the answer of that.
   * @returns How many versions.
   */
  sweep(beforeSeq: number | undefined): Promise<number> {
    return this.#alone(async () => {
      const swept = beforeSeq === undefined ? 0 : await this.#deleteReplaced(beforeSeq);
      await this.#forgetSettled();
      return swept;
    });
  }

  /** Ends after the statement that runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(() => undefined);
  }

  #alone(run: () => Promise<number>): Promise<number> {
    this.#running ??= run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #isDue(): Promise<boolean> {
    const { clock, everyMs, aboveVersions } = this.#options;
    const now = clock.now();
    if (now - this.#sweptMs >= everyMs) return true;
    if (now - this.#countedMs < COUNT_EVERY_MS) return false;
    this.#countedMs = now;
    const [noted = 0] = await this.#database.query(supersededCount(), { tag: 'superseded' });
    const deleted = this.#settling.reduce((sum, { versions }) => sum + versions.length, 0);
    return noted - deleted > aboveVersions;
  }

  #isSettled(): boolean {
    const { clock, settleMs } = this.#options;
    const oldest = this.#settling[0];
    return oldest !== undefined && oldest.deletedMs + settleMs <= clock.now();
  }

  async #deleteReplaced(beforeSeq: number): Promise<number> {
    this.#sweptMs = this.#options.clock.now();
    const deleted = new Set(this.#settling.flatMap(({ versions }) => versions.map(nameOf)));
    let swept = 0;
    for (let after: SupersededVersion | undefined; !this.#stopped;) {
      const query = supersededVersions({ before: beforeSeq, after, limit: CHUNK });
      const listed = await this.#database.query(query, { tag: 'superseded' });
      if (listed.length === 0) break;
      after = listed.at(-1);
      const versions = listed.filter((version) => !deleted.has(nameOf(version)));
      if (versions.length === 0) continue;
      await this.#deleteRows(versions);
      if (this.#stopped) break;
      this.#settling.push({ versions, deletedMs: this.#options.clock.now() });
      this.#options.swept(versions.length);
      swept += versions.length;
    }
    return swept;
  }

  async #forgetSettled(): Promise<void> {
    while (this.#isSettled() && !this.#stopped) {
      await this.#deleteNotes(this.#settling[0]!.versions);
      this.#settling.shift();
    }
  }

  async #deleteRows(versions: readonly SupersededVersion[]): Promise<void> {
    const fetched = sql`bitAnd(flags, ${p.uint8(spanFlagBits.fetched)}) != 0`;
    const rows = sql`${ofVersions(versions)} AND ${fetched}`;
    failpoint('before-sweep');
    await this.#run(hideRows(spansLive, rows));
    if (this.#stopped) return;
    failpoint('between-sweep-deletes');
    await this.#run(hideRows(spansKept, rows));
  }

  async #deleteNotes(versions: readonly SupersededVersion[]): Promise<void> {
    const notes = ofVersions(versions);
    failpoint('before-sweep-notes');
    await this.#run(hideRows(xrayVersions, notes));
    if (this.#stopped) return;
    failpoint('between-sweep-notes');
    // Rewritten rather than marked: what readers count and carry along should be small again at once.
    await this.#run(
      sql`ALTER TABLE ${identifier(xraySuperseded)} DELETE WHERE ${notes} SETTINGS mutations_sync = 1`,
    );
  }

  #run(statement: Sql): Promise<void> {
    return this.#database.command(bindParams(statement.render()));
  }
}

function nameOf({ traceId, seq }: SupersededVersion): string {
  return `${seq} ${traceId.lo} ${traceId.hi}`;
}

/** A lightweight delete: rows are marked, and gone with the next merge. */
function hideRows(table: TableName, condition: Sql): Sql {
  return sql`DELETE FROM ${identifier(table)} WHERE ${condition}`;
}

function ofVersions(versions: readonly SupersededVersion[]): Sql {
  const seqs = p.uint64s(versions.map(({ seq }) => seq));
  const lows = p.uint64s(versions.map(({ traceId }) => traceId.lo));
  const highs = p.uint64s(versions.map(({ traceId }) => traceId.hi));
  return sql`seq IN ${seqs} AND (seq, trace_lo, trace_hi) IN arrayZip(${seqs}, ${lows}, ${highs})`;
}
