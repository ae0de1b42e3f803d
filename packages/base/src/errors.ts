/** What every error of ours has: a stable public code (listed in `docs/errors.md`) beside its message. */
export abstract class SpanloomError extends Error {
  abstract readonly code: string;
}

/** A payload does not follow its wire format. The sender is wrong, so retrying cannot help. */
export class DecodeError extends SpanloomError {
  override readonly name = 'DecodeError';
  readonly code = 'DECODE_FAILED';
  /** Bytes from the start of the (inflated) body to where reading stopped. */
  readonly offset: number;
  /** What was wrong there, without the position. */
  readonly problem: string;
  /** The reason the counters use; `EOF` is a body that is cut short. */
  readonly reason: DecodeReason;

  constructor(
    problem: string,
    offset: number,
    options: ErrorOptions & { reason?: DecodeReason } = {},
  ) {
    super(`Cannot decode payload at byte ${offset}: ${problem}`, options);
    this.offset = offset;
    this.problem = problem;
    this.reason = options.reason ?? 'DecodingError';
  }
}

/** Why a payload could not be decoded, under the names senders' own tools use for it. */
export type DecodeReason = 'DecodingError' | 'EOF';

/** A configured limit was passed. The limit's name, size and setting are part of the message. */
export class LimitError extends SpanloomError {
  override readonly name = 'LimitError';
  readonly code = 'LIMIT_EXCEEDED';
  /** The setting or constant that was passed, for counters. */
  readonly limit: string;

  constructor(message: string, limit: string, options?: ErrorOptions) {
    super(message, options);
    this.limit = limit;
  }
}

/** The server cannot take more right now and nothing was accepted. The sender may try again. */
export class OverloadedError extends SpanloomError {
  override readonly name = 'OverloadedError';
  readonly code = 'OVERLOADED';
  /** How long a polite sender should wait. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 1, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Configuration that cannot be used: which setting, what was found, what would be accepted. */
export class ConfigError extends SpanloomError {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
}

/** A request that can never succeed as it stands: a wrong field, an unparsable id or query. */
export class BadRequestError extends SpanloomError {
  override readonly name = 'BadRequestError';
  readonly code: string;
  /** Machine-readable facts for the answer, such as the position in a query. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    message: string,
    options: { code?: string; details?: Readonly<Record<string, unknown>> } & ErrorOptions = {},
  ) {
    super(message, options);
    this.code = options.code ?? 'BAD_REQUEST';
    this.details = options.details;
  }
}

/** What was asked for is not here. */
export class NotFoundError extends SpanloomError {
  override readonly name = 'NotFoundError';
  readonly code = 'NOT_FOUND';

  constructor(what: string, id: string) {
    super(`No ${what} ${id} is stored here`);
  }
}

/** The text of an unknown thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
