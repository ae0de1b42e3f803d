import { errorFacts, type ErrorFacts } from './error-facts.ts';
import { fixFor } from './failure-fix.ts';
import { mustBeEnabled } from './partition.ts';
import { WrongAccountError } from './wrong-account.ts';

/** Why a call to AWS failed. */
export type AwsFailureKind =
  /** A policy does not allow the call, or forbids it. */
  | 'denied'
  /** Allowed, but the key that the data is encrypted with may not be used. */
  | 'kms'
  /** The session or sign-in is over. */
  | 'expired'
  | 'throttled'
  /** No answer of AWS: name, network, firewall, certificate, time limit. */
  | 'unreachable'
  /** The account has not enabled the region. */
  | 'region_disabled'
  /** AWS does not know the access key, its secret is wrong, or it is of another account. */
  | 'bad_credentials'
  /** Nothing to sign with was found. */
  | 'no_credentials'
  /** This machine's clock is wrong. */
  | 'clock'
  /** The same request can never succeed. */
  | 'invalid_request'
  /** AWS failed. */
  | 'server'
  | 'other';

/** A failed call to AWS, sorted and explained. Its texts hold no secrets. */
export interface AwsFailure {
  readonly kind: AwsFailureKind;
  /** The error's name as AWS gave it: `AccessDeniedException`, `ENOTFOUND`. */
  readonly name: string;
  readonly message: string;
  /** The IAM action that is missing, where that is what it is: `xray:BatchGetTraces`. */
  readonly action: string | undefined;
  /** HTTP status; `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** What to do about it, in a sentence. */
  readonly fix: string | undefined;
  /** The same call may succeed in a while though nobody changes anything. */
  readonly retryable: boolean;
}

/**
 * Says what an error thrown by an SDK client means.
 *
 * @param operation What was called: an operation of X-Ray (`BatchGetTraces`) or any IAM action (`logs:FilterLogEvents`).
 * @param region Where, which tells a region that is not enabled from a wrong access key.
 */
export function classifyFailure(error: unknown, operation: string, region?: string): AwsFailure {
  if (error instanceof WrongAccountError) return error.failure;
  const facts = errorFacts(error);
  const kind = kindOf(facts, region);
  const action =
    kind === 'denied' || kind === 'kms' ? missingAction(kind, facts, operation) : undefined;
  return {
    kind,
    name: facts.name,
    message: facts.message,
    action,
    status: facts.status,
    fix: fixFor({ kind, action, facts, region }),
    retryable: isRetryable(kind, facts),
  };
}

/** `BatchGetTraces` becomes `xray:BatchGetTraces`; what names its service stays. */
function iamAction(operation: string): string {
  return operation.includes(':') ? operation : `xray:${operation}`;
}

function missingAction(kind: AwsFailureKind, facts: ErrorFacts, operation: string): string {
  const named = /not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z0-9*]+)/i.exec(facts.message);
  if (named !== null) return named[1]!;
  return kind === 'kms' ? 'kms:Decrypt' : iamAction(operation);
}

const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottledException',
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
]);
const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'KMSAccessDeniedException',
]);
const UNKNOWN_KEY: ReadonlySet<string> = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'AuthFailure',
]);
const SIGNATURE: ReadonlySet<string> = new Set([
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
]);
const CLOCK: ReadonlySet<string> = new Set([
  'RequestExpired',
  'RequestTimeTooSkewed',
  'RequestInTheFuture',
]);
const EXPIRED: ReadonlySet<string> = new Set(['ExpiredToken', 'ExpiredTokenException']);
const INVALID: ReadonlySet<string> = new Set([
  'InvalidRequestException',
  'InvalidParameterException',
  'InvalidParameterValue',
  'ResourceNotFoundException',
  'SerializationException',
  'ValidationError',
  'ValidationException',
]);
const NETWORK: ReadonlySet<string> = new Set([
  'TimeoutError',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function kindOf(facts: ErrorFacts, region: string | undefined): AwsFailureKind {
  const { name, message, status } = facts;
  if (THROTTLED.has(name) || status === 429) return 'throttled';
  if (DENIED.has(name)) return concernsKey(name, message) ? 'kms' : 'denied';
  if (name.startsWith('KMS')) return 'kms';
  if (EXPIRED.has(name)) return 'expired';
  if (CLOCK.has(name)) return 'clock';
  if (SIGNATURE.has(name)) {
    // `Signature expired: 20261120T… is now earlier than …` is the clock; otherwise the secret is wrong.
    return /expired|not yet current|skew/i.test(message) ? 'clock' : 'bad_credentials';
  }
  if (name === 'RegionDisabledException' || name === 'OptInRequired') return 'region_disabled';
  if (UNKNOWN_KEY.has(name)) {
    return region !== undefined && mustBeEnabled(region) ? 'region_disabled' : 'bad_credentials';
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return /expired/i.test(message) ? 'expired' : 'no_credentials';
  }
  if (NETWORK.has(name) || facts.foreignAnswer) return 'unreachable';
  if (INVALID.has(name)) return 'invalid_request';
  if (status !== undefined && status >= 500) return 'server';
  if (status === 403) return concernsKey(name, message) ? 'kms' : 'denied';
  if (status === 400 || status === 404 || status === 413) return 'invalid_request';
  return 'other';
}

/**
 * Whether a refusal is about the encryption key. How AWS words that for X-Ray is not documented, so any mention of a key counts
 * but that of an access key; a refusal that names an action of X-Ray is about that action.
 */
function concernsKey(name: string, message: string): boolean {
  if (/kms/i.test(name) || /kms/i.test(message)) return true;
  if (/not authorized to perform:?\s+(?!kms:)[a-z0-9-]+:/i.test(message)) return false;
  return /(?<!access )\bkey\b/i.test(message);
}

function isRetryable(kind: AwsFailureKind, facts: ErrorFacts): boolean {
  switch (kind) {
    case 'throttled':
    case 'server':
    case 'unreachable':
      return true;
    case 'expired':
      // A role is simply assumed again; a person's sign-in is not.
      return EXPIRED.has(facts.name);
    case 'denied':
    case 'kms':
    case 'region_disabled':
    case 'bad_credentials':
    case 'no_credentials':
    case 'clock':
    case 'invalid_request':
    case 'other':
      return false;
  }
}
