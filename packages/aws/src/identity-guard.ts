import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Clock, systemClock } from '@spanloom/base';
import type { AwsFailure } from './aws-failure.ts';
import type { AwsClientConfig } from './client-config.ts';
import type { AwsCredentials } from './role-credentials.ts';
import { WrongAccountError, wrongAccount } from './wrong-account.ts';

/** An STS that cannot be reached, such as where only X-Ray has a VPC endpoint, must not hold up the calls behind it for longer. */
const PATIENCE_MS = 10_000;
/** Whose credentials they are is asked again after this long, where it could not be told. */
const AGAIN_MS = 10 * 60_000;

interface Check {
  readonly accessKeyId: string;
  readonly wrong: Promise<AwsFailure | undefined>;
  /** Until when it holds. */
  until: number;
}

/**
 * Keeps calls from being made with another account's credentials: what they read would be shown as this account's.
 *
 * An access key belongs to one account for good, so each is looked up once; a renewed session has a new one. Where STS does not
 * say whose a key is, calls are let through.
 */
export class IdentityGuard {
  readonly #config: AwsClientConfig;
  readonly #account: string;
  readonly #clock: Clock;
  #check: Check | undefined;

  constructor(config: AwsClientConfig, account: string, clock: Clock = systemClock) {
    this.#config = config;
    this.#account = account;
    this.#clock = clock;
  }

  /** @throws {WrongAccountError} If the credentials are known to be of another account. */
  async demand(credentials: AwsCredentials): Promise<void> {
    const { accessKeyId } = credentials;
    if (this.#check?.accessKeyId !== accessKeyId || this.#clock.now() >= this.#check.until) {
      const check: Check = {
        accessKeyId,
        wrong: this.#ask(credentials).catch(() => {
          check.until = this.#clock.now() + AGAIN_MS;
          return undefined;
        }),
        until: Number.POSITIVE_INFINITY,
      };
      this.#check = check;
    }
    const wrong = await this.#check.wrong;
    if (wrong !== undefined) throw new WrongAccountError(wrong);
  }

  async #ask(credentials: AwsCredentials): Promise<AwsFailure | undefined> {
    const sts = new STSClient({ ...this.#config, credentials });
    try {
      const caller = await sts.send(new GetCallerIdentityCommand({}), {
        abortSignal: AbortSignal.timeout(PATIENCE_MS),
      });
      return wrongAccount(this.#account, caller);
    } finally {
      sts.destroy();
    }
  }
}
