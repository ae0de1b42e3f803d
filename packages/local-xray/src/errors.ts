/** What a user of this package did wrong; what a *caller of the service* did wrong is a `ServiceError`. */
export class LocalXRayError extends Error {
  override readonly name = 'LocalXRayError';
  readonly code: 'BAD_OPTION' | 'BAD_DOCUMENT' | 'CANNOT_START';

  constructor(code: LocalXRayError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An error that goes over the wire: its name, its status and its message, as the AWS services spell them. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The one modelled error for requests that make no sense to X-Ray. */
export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', 400, message);
}

/** An access denial of IAM, which names who wanted what. */
export function accessDenied(principal: string, action: string): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    403,
    `User: ${principal} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
  );
}

/** Both spellings in which AWS says that a caller is too fast. */
export type ThrottleSpelling = 'ThrottledException' | 'ThrottlingException';

/** The answer to a caller that is too fast. */
export function throttled(spelling: ThrottleSpelling): ServiceError {
  // The modelled one is a 429; the generic one of the front end is a 400, as in other AWS services.
  return new ServiceError(spelling, spelling === 'ThrottledException' ? 429 : 400, 'Rate exceeded');
}
