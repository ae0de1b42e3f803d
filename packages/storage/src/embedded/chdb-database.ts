import { rmSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, LimitError } from '@spanloom/base';
import type { SqlQuery } from '@spanloom/sql';
import type { Session } from 'chdb';
import type {
  CommandOptions,
  Database,
  QueryLimits,
  QueryOptions,
  StagedBlock,
} from '../database.ts';
import { DatabaseError, ENGINE_CODES } from '../database-error.ts';
import { bindParams, quoteText } from '../bind-params.ts';
import {
  ENGINE_DEFAULTS,
  engineArguments,
  type EngineOptions,
  prepareDirectory,
} from './engine-options.ts';
import { ReaderPool } from './reader-pool.ts';

const KILL_AGAIN_MS = 50;

/**
 * Opens the engine in this process. Importing its library takes about 80 ms and opening a directory 60 ms, so both happen
 * here, after the listeners are up.
 *
 * @throws {DatabaseError} If the directory cannot be opened, for example because another process has it.
 */
export async function openEmbeddedDatabase(options: EngineOptions): Promise<Database> {
  const all = { ...ENGINE_DEFAULTS, ...options };
  const paths = prepareDirectory(options.directory);
  const left = await readdir(paths.staging);
  // Blocks of a process that was killed: the write-ahead log has their rows.
  await Promise.all(left.map((name) => rm(join(paths.staging, name), { force: true })));
  const { Session } = await import('chdb');
  const connectionArgs = engineArguments(all, paths);
  const open = (): Session => new Session(paths.data, { connectionArgs });
  try {
    const sessions = {
      writer: open(),
      jobs: open(),
      control: open(),
      readers: Array.from({ length: all.readers }, open),
    };
    const answer = await sessions.control.queryAsync('SELECT version()', { format: 'TSV' });
    return new ChdbDatabase(sessions, all, paths.staging, answer.text().trim());
  } catch (error) {
    throw failure(`open the engine in ${paths.data}`, error);
  }
}

interface Sessions {
  /** Inserts, and what belongs to them. */
  readonly writer: Session;
  /** Statements outside limits. */
  readonly jobs: Session;
  /** Cancelling, which must never queue behind what it is to cancel. */
  readonly control: Session;
  readonly readers: readonly Session[];
}

/**
 * ClickHouse inside the process. A session runs one statement after another, so each kind of work has its own: an insert took
 * 204 ms behind one reader on a shared session, and 26 ms on its own.
 */
class ChdbDatabase implements Database {
  readonly kind = 'embedded';
  readonly version: string;
  readonly #sessions: Sessions;
  readonly #readers: ReaderPool<Session>;
  readonly #limits: Required<QueryLimits>;
  readonly #staging: string;
  #queries = 0;
  #closed = false;

  constructor(
    sessions: Sessions,
    options: Required<EngineOptions>,
    staging: string,
    version: string,
  ) {
    this.version = version;
    this.#sessions = sessions;
    this.#readers = new ReaderPool(sessions.readers, options.waitingQueries);
    this.#limits = {
      seconds: options.querySeconds,
      memoryBytes: options.queryMemoryBytes,
      threads: options.queryThreads,
    };
    this.#staging = staging;
  }

  async query<Row>(query: SqlQuery<Row>, options: QueryOptions): Promise<readonly Row[]> {
    this.#demandOpen(options.tag);
    const limits = { ...this.#limits, ...options.limits };
    const comment = `${options.tag}/${++this.#queries}`;
    const statement = `${bindParams(query.statement.render())}\nSETTINGS ${readerSettings(limits, comment)}`;
    const session = await this.#readers.take(options.signal);
    // The session is busy until the engine is done, even if nobody waits for the answer any more.
    const running = session.queryAsync(statement, { format: 'JSONEachRow' });
    running.then(
      () => this.#giveBack(session, options.signal?.aborted === true),
      () => this.#giveBack(session, true),
    );
    let text: string;
    try {
      text = (await this.#cancellable(running, comment, options.signal)).text();
    } catch (error) {
      options.signal?.throwIfAborted();
      throw queryFailure(options.tag, limits, error);
    }
    return parseRows(text, query.row);
  }

  /**
   * Makes a session free for the next question.
   * @param cutShort The engine keeps what a statement had answered before it was killed or failed, and puts it in front of the
   *   session's next answer: that is a question nobody reads, then.
   */
  #giveBack(session: Session, cutShort: boolean): void {
    const free = (): void => this.#readers.giveBack(session);
    if (!cutShort || this.#closed) free();
    else session.queryAsync('SELECT 1', { format: 'JSONEachRow' }).then(free, free);
  }

  async command(statement: string, options: CommandOptions = {}): Promise<void> {
    this.#demandOpen('command');
    options.signal?.throwIfAborted();
    const session = options.lane === 'inserts' ? this.#sessions.writer : this.#sessions.jobs;
    try {
      await session.queryAsync(statement);
    } catch (error) {
      throw failure(`run ${JSON.stringify(statement.slice(0, 80))}`, error);
    }
  }

  async stage(block: Uint8Array, name: string): Promise<StagedBlock> {
    const file = join(this.#staging, `${name}.native`);
    // Not synced: the log is what survives a crash, this is only how bytes reach the engine.
    try {
      await writeFile(file, block);
    } catch (error) {
      throw failure(`write ${file}`, error);
    }
    return new StagedFile(file, block.length);
  }

  async insert(
    table: { readonly name: string },
    columns: readonly string[],
    block: StagedBlock,
    options: { token: string },
  ): Promise<void> {
    this.#demandOpen(`insert into ${table.name}`);
    if (!(block instanceof StagedFile))
      throw new TypeError('Cannot insert a block staged elsewhere');
    // async_insert is on by default in this engine, and would acknowledge before the rows are there.
    const settings = [
      'async_insert = 0',
      `insert_deduplication_token = ${quoteText(options.token)}`,
      `log_comment = ${quoteText(`insert/${options.token}`)}`,
    ];
    try {
      await this.#sessions.writer.queryAsync(
        `INSERT INTO ${table.name} (${columns.join(', ')}) FROM INFILE ${quoteText(block.file)} ` +
          `SETTINGS ${settings.join(', ')} FORMAT Native`,
      );
    } catch (error) {
      throw failure(`insert block ${options.token} into ${table.name}`, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#readers.refuseAll(closedError('answer'));
    const { drainPending } = await import('chdb');
    // Closing a connection under a running statement takes the whole engine down.
    await this.#sessions.control
      .queryAsync("KILL QUERY WHERE Settings['log_comment'] LIKE '%/%' ASYNC")
      .catch(() => undefined);
    await drainPending();
    const { writer, jobs, control, readers } = this.#sessions;
    for (const session of [...readers, jobs, writer, control]) session.close();
    rmSync(join(this.#staging, 'engine.xml'), { force: true });
  }

  #demandOpen(action: string): void {
    if (this.#closed) throw closedError(action);
  }

  /** Waits for a statement; when the signal aborts, ends it in the engine and stops waiting. */
  async #cancellable<Result>(
    running: Promise<Result>,
    comment: string,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    if (signal === undefined) return running;
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = (): void => {
        this.#kill(comment, running);
        reject(signal.reason as Error);
      };
    });
    if (signal.aborted) onAbort?.();
    else signal.addEventListener('abort', onAbort!, { once: true });
    try {
      return await Promise.race([running, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort!);
    }
  }

  /** Kills until the statement is gone: the first try may come before the engine has begun with it. */
  #kill(comment: string, running: Promise<unknown>): void {
    let timer: NodeJS.Timeout | undefined;
    let gone = false;
    const stop = (): void => {
      gone = true;
      clearTimeout(timer);
    };
    running.then(stop, stop);
    const attempt = (): void => {
      const again = (): void => {
        if (!gone && !this.#closed) timer = setTimeout(attempt, KILL_AGAIN_MS);
      };
      this.#sessions.control
        .queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${quoteText(comment)} ASYNC`)
        .then(again, again);
    };
    attempt();
  }
}

class StagedFile implements StagedBlock {
  readonly file: string;
  readonly bytes: number;

  constructor(file: string, bytes: number) {
    this.file = file;
    this.bytes = bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.file, { force: true });
  }
}

function readerSettings(limits: Required<QueryLimits>, comment: string): string {
  return [
    `max_execution_time = ${limits.seconds}`,
    `max_memory_usage = ${limits.memoryBytes}`,
    `max_threads = ${limits.threads}`,
    'os_threads_nice_value_query = 10',
    // Doubles cannot hold 64-bit ids, and JSON has no words for infinity.
    'output_format_json_quote_64bit_integers = 1',
    'output_format_json_quote_denormals = 1',
    `log_comment = ${quoteText(comment)}`,
  ].join(', ');
}

function parseRows<Row>(text: string, row: { parse(row: unknown): Row }): readonly Row[] {
  const rows: Row[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    if (stop > start) rows.push(row.parse(JSON.parse(text.slice(start, stop))));
    start = stop + 1;
  }
  return rows;
}

function queryFailure(tag: string, limits: Required<QueryLimits>, error: unknown): Error {
  const failed = failure(`answer ${tag}`, error);
  switch (failed.engineCode) {
    case ENGINE_CODES.timeoutExceeded:
      return new LimitError(
        `Cannot answer ${tag} within ${limits.seconds} s; narrow the time range or the query`,
        'query-seconds',
        { cause: failed },
      );
    case ENGINE_CODES.memoryLimitExceeded:
      return new LimitError(
        `Cannot answer ${tag} within ${Math.round(limits.memoryBytes / 1e6)} MB of memory; narrow the time range or the query`,
        'query-memory',
        { cause: failed },
      );
    default:
      return failed;
  }
}

function failure(action: string, error: unknown): DatabaseError {
  const code = (error as { clickhouseCode?: unknown }).clickhouseCode;
  return new DatabaseError(
    action,
    errorMessage(error),
    typeof code === 'number' ? code : undefined,
    { cause: error },
  );
}

function closedError(action: string): DatabaseError {
  return new DatabaseError(action, 'the engine is closed');
}
