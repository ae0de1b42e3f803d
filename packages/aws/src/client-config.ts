import type { AwsAccount } from './aws-account.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { type AwsCredentials, RoleCredentials } from './role-credentials.ts';

/** What an SDK client is constructed with: `new XRayClient(clientConfig(account, region))`. */
export interface AwsClientConfig {
  readonly region: string;
  /** Absent for an account without a role: the SDK then looks for credentials itself. */
  readonly credentials?: () => Promise<AwsCredentials>;
  /** Only for tests; operators redirect with `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_XRAY` and the like, which the SDK reads. */
  readonly endpoint?: string;
  /** Calls are counted and paid for one by one, so they are repeated by whoever makes them and not by the SDK out of sight. */
  readonly maxAttempts: 1;
  readonly requestHandler: typeof REQUEST_LIMITS;
}

// One session per role, for all clients of the process.
const sessions = new Map<string, RoleCredentials>();

/**
 * How to reach one region of an account. Makes no call: the role is assumed when the first request is signed. Clients of the same
 * role share one session.
 */
export function clientConfig(account: AwsAccount, region: string): AwsClientConfig {
  const config = { region, maxAttempts: 1, requestHandler: REQUEST_LIMITS } as const;
  const session = sessionOf(account);
  if (session === undefined) return config;
  // Marked as remembered, or each client would keep a copy of its own that `renewCredentials` does not reach.
  return { ...config, credentials: Object.assign(() => session.get(region), { memoized: true }) };
}

/** Makes the next request assume the account's role anew: for when AWS says that the session has expired. */
export function renewCredentials(account: AwsAccount): void {
  sessionOf(account)?.forget();
}

function sessionOf(account: AwsAccount): RoleCredentials | undefined {
  const { roleArn } = account;
  if (roleArn === undefined) return undefined;
  const key = JSON.stringify([account.id, roleArn, account.externalId]);
  let session = sessions.get(key);
  if (session === undefined) {
    session = new RoleCredentials({ ...account, roleArn });
    sessions.set(key, session);
  }
  return session;
}
