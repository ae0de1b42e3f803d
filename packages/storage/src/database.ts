import type { SqlQuery } from '@spanloom/sql';

/** Bounds on what one question may cost. */
export interface QueryLimits {
  readonly seconds?: number;
  readonly memoryBytes?: number;
  readonly threads?: number;
}

export interface QueryOptions {
  /** A short name of the question, for the engine's process list and for error messages. */
  readonly tag: string;
  readonly limits?: QueryLimits;
  /** Ends the statement inside the engine too, not only the waiting for it. */
  readonly signal?: AbortSignal;
}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  /** What it has to wait for: other commands, or inserts, when it is a part of them and must not wait for a long job. */
  readonly lane?: 'jobs' | 'inserts';
}

/** Bytes in the engine's Native format, put where the engine can read them any number of times. Disposing removes them. */
export interface StagedBlock extends AsyncDisposable {
  readonly bytes: number;
}

/** Part of a table that the engine could not read at its start and set aside. */
export interface BrokenPart {
  readonly table: string;
  readonly part: string;
  readonly reason: string;
}

/**
 * The one door to the engine, whether it lives in this process or on a cluster.
 *
 * Statements are the same for both; what differs (how bytes get there, where a table's data is, how a query is cancelled) is
 * behind this port.
 */
export interface Database extends AsyncDisposable {
  readonly kind: 'embedded' | 'server';
  /** The engine's version. */
  readonly version: string;

  /**
   * Asks a question.
   * @throws {LimitError} If it costs more than its limits allow.
   * @throws {OverloadedError} If too many questions are waiting already.
   * @throws {DatabaseError} If the engine fails it.
   */
  query<Row>(query: SqlQuery<Row>, options: QueryOptions): Promise<readonly Row[]>;

  /** Runs a statement without an answer, outside the limits of questions: schema changes, scheduled work. */
  command(statement: string, options?: CommandOptions): Promise<void>;

  /** Makes a block ready to be inserted, possibly into several tables. */
  stage(block: Uint8Array, name: string): Promise<StagedBlock>;

  /**
   * Inserts a staged block. Repeating an insert with the same token changes nothing while the table remembers it.
   * @param columns The block's columns, so that columns which the table has besides keep their defaults.
   */
  insert(
    table: { readonly name: string },
    columns: readonly string[],
    block: StagedBlock,
    options: { token: string },
  ): Promise<void>;
}
