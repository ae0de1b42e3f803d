import { SpanloomError } from '@spanloom/base';

/** The engine refused or failed a statement. */
export class DatabaseError extends SpanloomError {
  override readonly name = 'DatabaseError';
  readonly code = 'DATABASE_FAILED';
  /** The engine's own number for what went wrong, where it gave one. */
  readonly engineCode: number | undefined;

  constructor(action: string, problem: string, engineCode?: number, options?: ErrorOptions) {
    super(`Cannot ${action}: ${problem}`, options);
    this.engineCode = engineCode;
  }

  /** Whether the same statement may succeed later without anybody changing it. */
  get transient(): boolean {
    return this.engineCode === undefined || TRANSIENT_CODES.has(this.engineCode);
  }
}

/** Numbers of the engine that limits of a query map to. */
export const ENGINE_CODES = {
  timeoutExceeded: 159,
  memoryLimitExceeded: 241,
  queryWasCancelled: 394,
} as const;

/**
 * What passes by itself: memory, disk space, too many parts or queries, a lost connection, replication that is not ready, a
 * shutdown. Everything else (a type that does not fit, a block that cannot be read) will be the same next time.
 */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([
  ENGINE_CODES.timeoutExceeded,
  ENGINE_CODES.memoryLimitExceeded,
  ENGINE_CODES.queryWasCancelled,
  74, // cannot read from a file descriptor
  75, // cannot write to one
  76, // cannot open a file
  173, // cannot allocate memory
  198, // name resolution
  202, // too many queries at once
  203, // no free connection
  209, // socket timeout
  210, // network
  225, // no Keeper
  236, // aborted
  242, // table is read-only
  243, // not enough space
  252, // too many parts
  279, // all connections failed
  285, // too few live replicas
  286, // unsatisfied quorum
  319, // status of the insert unknown
  999, // Keeper
]);
