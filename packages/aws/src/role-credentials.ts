import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Clock, systemClock } from '@spanloom/base';
import type { AwsAccount } from './aws-account.ts';
import { REQUEST_LIMITS } from './request-limits.ts';

/** What requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** A role that was assumed through a chain of roles lives an hour at most, whatever the role itself allows. */
const SESSION_SECONDS = 3600;
/** A session is renewed this long before it ends, as the SDK does with its own. */
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * The session of one account's role, shared by the clients of all its regions.
 *
 * A session from any regional endpoint of STS is good in every region. It is renewed through the region that happens to ask, so
 * that an outage of STS in one region does not take the account's other regions with it.
 */
export class RoleCredentials {
  readonly #account: AwsAccount;
  readonly #roleArn: string;
  readonly #clock: Clock;
  #current: AwsCredentials | undefined;
  readonly #renewals = new Map<string, Promise<AwsCredentials>>();

  constructor(account: AwsAccount & { readonly roleArn: string }, clock: Clock = systemClock) {
    this.#account = account;
    this.#roleArn = account.roleArn;
    this.#clock = clock;
  }

  /** The current session, or a new one assumed through `region`. Several callers share one request. */
  async get(region: string): Promise<AwsCredentials> {
    if (this.#current !== undefined && !this.#endsSoon(this.#current)) return this.#current;
    const running = this.#renewals.get(region);
    if (running !== undefined) return await running;
    const renewal = this.#assume(region).finally(() => this.#renewals.delete(region));
    this.#renewals.set(region, renewal);
    return await renewal;
  }

  /** Makes the next `get` assume the role anew: AWS said that the session has expired. */
  forget(): void {
    this.#current = undefined;
  }

  #endsSoon(credentials: AwsCredentials): boolean {
    if (credentials.expiration === undefined) return false;
    return credentials.expiration.getTime() - this.#clock.now() < RENEW_BEFORE_MS;
  }

  async #assume(region: string): Promise<AwsCredentials> {
    const sts = new STSClient({ region, maxAttempts: 3, requestHandler: REQUEST_LIMITS });
    try {
      const { Credentials: given } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: this.#roleArn,
          RoleSessionName: `spanloom-xray-${this.#account.id}`,
          DurationSeconds: SESSION_SECONDS,
          ...(this.#account.externalId === undefined
            ? {}
            : { ExternalId: this.#account.externalId }),
        }),
      );
      if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined) {
        throw new Error(`STS in ${region} answered without credentials for ${this.#roleArn}`);
      }
      this.#current = {
        accessKeyId: given.AccessKeyId,
        secretAccessKey: given.SecretAccessKey,
        ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
        ...(given.Expiration === undefined ? {} : { expiration: given.Expiration }),
      };
      return this.#current;
    } finally {
      sts.destroy();
    }
  }
}
