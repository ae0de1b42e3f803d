import type { AwsFailure } from './aws-failure.ts';

/** Who AWS says signed a request. */
export interface Caller {
  readonly Account?: string | undefined;
  readonly Arn?: string | undefined;
}

/** Calls would be made with credentials of an account other than the configured one. */
export class WrongAccountError extends Error {
  override readonly name = 'WrongAccount';
  readonly failure: AwsFailure;

  constructor(failure: AwsFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What is wrong when `caller` signs requests for account `expected`; undefined when it is of that account, or does not say. */
export function wrongAccount(expected: string, caller: Caller): AwsFailure | undefined {
  const { Account, Arn } = caller;
  if (Account === undefined || Account === expected) return undefined;
  return {
    kind: 'bad_credentials',
    name: 'WrongAccount',
    message: `The credentials found (${Arn ?? 'of an unnamed principal'}) are of account ${Account}, not of ${expected}`,
    action: undefined,
    status: undefined,
    fix: `Configure a role_arn of account ${expected}, or give the server credentials of that account`,
    retryable: false,
  };
}
