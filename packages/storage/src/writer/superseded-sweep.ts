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

export const DEFAULT_SUPERSEDED_SWEEP: SupersededSweepOptions = {
  everyMs: 3_600_000,
  aboveVersions: 100_000,
};

const COUNT_EVERY_MS = 60_000;
/** Versions per statement: the engine reads no statement above 256 KiB, and each of them takes some 60 bytes. */
const CHUNK = 2000;

/**
 * Deletes the rows of replaced versions, and then what hides them: in that order, so that a crash anywhere leaves rows hidden
 * and work to repeat. Each round works on a fixed list, because versions are replaced meanwhile.
 *
 * Batches that are still in the log are left alone: a replay would miss their rows and bring them back.
 */
export class SupersededSweep {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #options: SupersededSweepOptions;
  readonly #swept: (versions: number) => void;
  readonly #report: (message: string) => void;
  #sweptMs: number;
  #countedMs = 0;
  #running: Promise<number> | undefined;
  #stopped = false;

  constructor(
    database: Database,
    options: SupersededSweepOptions & {
      readonly clock: Clock;
      /** Told how many versions are gone, some at a time. */
      readonly swept: (versions: number) => void;
      readonly report: (message: string) => void;
    },
  ) {
    this.#database = database;
    this.#clock = options.clock;
    this.#options = options;
    this.#swept = options.swept;
    this.#report = options.report;
    this.#sweptMs = options.clock.now();
  }

  /** Sweeps when it is time. Failures are reported, and the next time is another try. */
  async sweepIfDue(beforeSeq: number | undefined): Promise<void> {
    if (this.#running !== undefined) return;
    try {
      if (await this.#isDue()) await this.sweep(beforeSeq);
    } catch (error) {
      this.#report(
        `Replaced versions of X-Ray traces could not be deleted: ${errorMessage(error)}`,
      );
    }
  }

  /**
   * Deletes what is replaced now, but for batches from `beforeSeq` on. A call while another runs gets the answer of that.
   * @returns How many versions.
   */
  sweep(beforeSeq: number | undefined): Promise<number> {
    this.#running ??= this.#sweep(beforeSeq ?? 0).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends after the statement that runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(() => undefined);
  }

  async #isDue(): Promise<boolean> {
    const now = this.#clock.now();
    if (now - this.#sweptMs >= this.#options.everyMs) return true;
    if (now - this.#countedMs < COUNT_EVERY_MS) return false;
    this.#countedMs = now;
    const [waiting = 0] = await this.#database.query(supersededCount(), { tag: 'superseded' });
    return waiting > this.#options.aboveVersions;
  }

  async #sweep(beforeSeq: number): Promise<number> {
    this.#sweptMs = this.#clock.now();
    let swept = 0;
    while (!this.#stopped) {
      const versions = await this.#database.query(supersededVersions(beforeSeq, CHUNK), {
        tag: 'superseded',
      });
      if (versions.length === 0) break;
      await this.#delete(versions);
      if (this.#stopped) break;
      this.#swept(versions.length);
      swept += versions.length;
    }
    return swept;
  }

  async #delete(versions: readonly SupersededVersion[]): Promise<void> {
    const wanted = ofVersions(versions);
    const rows = sql`${wanted} AND bitAnd(flags, ${p.uint8(spanFlagBits.fetched)}) != 0`;
    failpoint('before-sweep');
    await this.#run(hideRows(spansLive, rows));
    if (this.#stopped) return;
    failpoint('between-sweep-deletes');
    await this.#run(hideRows(spansKept, rows));
    if (this.#stopped) return;
    failpoint('before-sweep-notes');
    await this.#run(hideRows(xrayVersions, wanted));
    if (this.#stopped) return;
    failpoint('between-sweep-notes');
    // Rewritten rather than marked: what readers count and carry along should be small again at once.
    await this.#run(
      sql`ALTER TABLE ${identifier(xraySuperseded)} DELETE WHERE ${wanted} SETTINGS mutations_sync = 1`,
    );
  }

  #run(statement: Sql): Promise<void> {
    return this.#database.command(bindParams(statement.render()));
  }
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
