import { SpanloomError } from '@spanloom/base';

/** Why a request was refused before or while its body was read; also the counter's label. */
export type RefusalReason =
  | 'BadEncoding'
  | 'BadRequest'
  | 'CrossSite'
  | 'EOF'
  | 'PayloadTooLarge'
  | 'Timeout'
  | 'Unauthorised'
  | 'UnsupportedEncoding'
  | 'UnsupportedFormat';

/** A request that is answered with `status` instead of being taken. */
export class RequestRefused extends SpanloomError {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly code: string;
  readonly reason: RefusalReason;

  constructor(
    status: number,
    code: string,
    reason: RefusalReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.reason = reason;
  }
}

/** The connection ended before the body did: there is nobody left to answer. */
export class ClientGone extends SpanloomError {
  override readonly name = 'ClientGone';
  readonly code = 'CLIENT_GONE';

  constructor(readBytes: number) {
    super(`Cannot read request body: the connection ended after ${readBytes} bytes`);
  }
}

/** 413: the body as sent is larger than the route takes. */
export function tooLarge(message: string): RequestRefused {
  return new RequestRefused(413, 'PAYLOAD_TOO_LARGE', 'PayloadTooLarge', message);
}

/** 413: the body inflates to more than the route takes, or too many times over. */
export function inflatesTooLarge(message: string): RequestRefused {
  return new RequestRefused(413, 'INFLATED_TOO_LARGE', 'PayloadTooLarge', message);
}

/** 408: the body did not arrive in time. */
export function bodyTimedOut(timeoutMs: number, readBytes: number): RequestRefused {
  return new RequestRefused(
    408,
    'BODY_TIMEOUT',
    'Timeout',
    `Cannot read request body: ${readBytes} bytes came within ${timeoutMs / 1000} s and the rest did not`,
  );
}

/** 400: the body does not inflate. */
export function badCompression(
  problem: string,
  options?: ErrorOptions & { cut?: boolean },
): RequestRefused {
  return new RequestRefused(
    400,
    'BAD_COMPRESSION',
    options?.cut === true ? 'EOF' : 'BadEncoding',
    `Cannot inflate request body: ${problem}`,
    options,
  );
}

/** 415: a `Content-Encoding` we do not know. */
export function unsupportedEncoding(found: string): RequestRefused {
  return new RequestRefused(
    415,
    'UNSUPPORTED_ENCODING',
    'UnsupportedEncoding',
    `Cannot inflate request body: Content-Encoding ${JSON.stringify(found)} is not one of gzip, deflate, zstd, identity`,
  );
}

/** 415: a `Content-Type` the route does not take. */
export function unsupportedFormat(found: string, expected: string): RequestRefused {
  return new RequestRefused(
    415,
    'UNSUPPORTED_CONTENT_TYPE',
    'UnsupportedFormat',
    `Cannot decode payload: Content-Type ${JSON.stringify(found)} is not taken here, send ${expected}`,
  );
}
