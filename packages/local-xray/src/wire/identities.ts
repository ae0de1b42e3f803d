import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.ts';

/** A role that others may assume. */
export interface RoleOptions {
  readonly name: string;
  /** What `AssumeRole` must bring along; nothing if left out. */
  readonly externalId?: string;
}

/** An account, with who may sign for it. */
export interface AccountOptions {
  /** Twelve digits. */
  readonly id: string;
  readonly accessKeyIds?: readonly string[];
  readonly roles?: readonly RoleOptions[];
}

/** Who made a call, for which region. */
export interface Caller {
  readonly account: string;
  readonly region: string;
  /** An ARN, as error messages name it. */
  readonly principal: string;
}

/** What `AssumeRole` hands out. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly account: string;
  readonly principal: string;
  /** Epoch milliseconds of the real clock: the clients that keep credentials fresh have no other. */
  readonly expiresAt: number;
}

/** The account of keys that say nothing about theirs, where no accounts were given. */
const defaultAccount = '111122223333';

const scope = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Who is who: access keys, roles, and the sessions of those who assumed them. */
export class Identities {
  readonly #accounts: readonly AccountOptions[];
  readonly #regions: readonly string[] | undefined;
  readonly #sessions = new Map<string, Session>();

  constructor(
    accounts: readonly AccountOptions[] | undefined,
    regions: readonly string[] | undefined,
  ) {
    this.#accounts = accounts ?? [];
    this.#regions = regions;
  }

  /** Reads a signature, without verifying it. @throws {ServiceError} If nobody we know can have made it. */
  callerOf(request: IncomingMessage): Caller {
    const match = scope.exec(request.headers.authorization ?? '');
    if (match === null) {
      throw new ServiceError(
        'MissingAuthenticationTokenException',
        403,
        'Missing Authentication Token',
      );
    }
    const [, key, region] = match as unknown as [string, string, string];
    const session = this.#sessions.get(key);
    const known = session ?? this.#owner(key);
    // An account that has not opted in to a region gets the same answer there as a stranger.
    if (known === undefined || !(this.#regions?.includes(region) ?? true)) {
      throw new ServiceError(
        'UnrecognizedClientException',
        403,
        'The security token included in the request is invalid.',
      );
    }
    if (session !== undefined) {
      if (request.headers['x-amz-security-token'] !== session.sessionToken) {
        throw new ServiceError(
          'UnrecognizedClientException',
          403,
          'The security token included in the request is invalid.',
        );
      }
      if (Date.now() >= session.expiresAt) throw expired();
    }
    return { account: known.account, region, principal: known.principal };
  }

  /**
   * Assumes a role.
   *
   * @throws {ServiceError} `AccessDenied` if there is no such role or the external id is another: the cause is not told.
   */
  assume(
    caller: Caller,
    roleArn: string,
    options: { externalId: string | undefined; sessionName: string; durationMs: number },
  ): Session {
    const parts = /^arn:[a-z-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn);
    if (parts === null) {
      throw new ServiceError('ValidationError', 400, `${roleArn} is invalid`);
    }
    const [, account, name] = parts as unknown as [string, string, string];
    const trusted =
      this.#accounts.length === 0 ||
      this.#accounts
        .find((one) => one.id === account)
        ?.roles?.some(
          (one) =>
            one.name === name &&
            (one.externalId === undefined || one.externalId === options.externalId),
        );
    if (trusted !== true) {
      throw new ServiceError(
        'AccessDenied',
        403,
        `User: ${caller.principal} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      );
    }
    const session: Session = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(90).toString('base64'),
      account,
      principal: `arn:aws:sts::${account}:assumed-role/${name}/${options.sessionName}`,
      expiresAt: Date.now() + options.durationMs,
    };
    this.#sessions.set(session.accessKeyId, session);
    return session;
  }

  /** Ends every session there is, as if its time were over. */
  expireSessions(): void {
    for (const [key, session] of this.#sessions) {
      this.#sessions.set(key, { ...session, expiresAt: 0 });
    }
  }

  #owner(key: string): { account: string; principal: string } | undefined {
    const listed = this.#accounts.find((one) => one.accessKeyIds?.includes(key));
    if (listed !== undefined) {
      return { account: listed.id, principal: `arn:aws:iam::${listed.id}:user/reader` };
    }
    const account = /^\d{12}$/.test(key) ? key : defaultAccount;
    const open = this.#accounts.length === 0 || this.#accounts.some((one) => one.id === key);
    return open ? { account, principal: `arn:aws:iam::${account}:user/reader` } : undefined;
  }
}

/** The answer to credentials that were good once. */
export function expired(): ServiceError {
  return new ServiceError(
    'ExpiredTokenException',
    403,
    'The security token included in the request is expired',
  );
}
