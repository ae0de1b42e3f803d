/** What a caller of the local Lambda can do wrong or meet: `code` is stable, the message is for people. */
export class LocalLambdaError extends Error {
  override readonly name = 'LocalLambdaError';
  readonly code: LocalLambdaErrorCode;

  constructor(code: LocalLambdaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The ways in which using the local Lambda can fail; a failing *function* is a result, never one of these. */
export type LocalLambdaErrorCode =
  | 'BAD_OPTION'
  | 'CANNOT_START'
  | 'SHUT_DOWN'
  | 'EVENT_TOO_LARGE'
  | 'BAD_TRACE_HEADER';
