import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from './json.ts';
import { invalidToken } from './script.ts';

interface Issued {
  readonly scope: string;
  readonly fields: JsonObject;
  readonly expiresAt: number;
  readonly rest: unknown;
}

/** Tokens of further pages: opaque, short-lived, good for the request they continue and for no other. */
export class PageTokens {
  readonly #now: () => number;
  readonly #lifetimeMs: number;
  readonly #issued = new Map<string, Issued>();

  constructor(now: () => number, lifetimeMs: number) {
    this.#now = now;
    this.#lifetimeMs = lifetimeMs;
  }

  /** A token for `rest`, to be redeemed with the same fields as `input`. */
  issue(scope: string, input: JsonObject, rest: unknown): string {
    const now = this.#now();
    for (const [token, { expiresAt }] of this.#issued) {
      // They are in order of issue, so the first good one ends the search.
      if (expiresAt > now) break;
      this.#issued.delete(token);
    }
    const token = randomBytes(48).toString('base64');
    this.#issued.set(token, {
      scope,
      fields: withoutToken(input),
      expiresAt: now + this.#lifetimeMs,
      rest,
    });
    return token;
  }

  /** What a token was issued for. It stays good, so that a page can be asked for again. @throws {ServiceError} If it is not good. */
  redeem(scope: string, input: JsonObject, token: string): unknown {
    const issued = this.#issued.get(token);
    if (
      issued === undefined ||
      issued.scope !== scope ||
      issued.expiresAt <= this.#now() ||
      !isDeepStrictEqual(issued.fields, withoutToken(input))
    ) {
      throw invalidToken();
    }
    return issued.rest;
  }
}

function withoutToken(input: JsonObject): JsonObject {
  const { NextToken: _, nextToken: __, ...fields } = input;
  return fields;
}
