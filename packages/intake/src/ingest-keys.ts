import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ConfigError } from '@spanloom/base';

/** Senders check it: the log forwarder refuses to start with a key of any other length. */
const KEY_SHAPE = /^[0-9a-f]{32}$/;
/** `<key>.intake.example`: the one carrier that every client keeps. */
const KEY_HOST_LABEL = /^([0-9a-f]{32})\./;

/** Where a key may hide in a request besides its headers. */
export interface KeyCarriers {
  readonly headers: IncomingHttpHeaders;
  /** The token of a `/t/<token>/` path prefix. */
  readonly pathToken: string | undefined;
  /** The `api_key` query parameter. */
  readonly queryKey: string | undefined;
}

/**
 * The keys that senders may use. Only digests are kept, and every comparison takes the same time:
 * neither a heap dump nor a stopwatch gives a key away.
 */
export class IngestKeys {
  readonly #digests: readonly Buffer[];

  /** @throws {ConfigError} For a key that is not 32 lower-case hex digits; the message does not repeat it. */
  constructor(keys: readonly string[]) {
    keys.forEach((key, index) => {
      if (!KEY_SHAPE.test(key)) {
        throw new ConfigError(
          `Cannot use ingest key number ${index + 1} of SPANLOOM_INGEST_KEYS: it has ${key.length} characters; a key is 32 lower-case hex digits`,
        );
      }
    });
    this.#digests = keys.map(digest);
  }

  /** Whether any key is configured. Without one, nothing is checked. */
  get configured(): boolean {
    return this.#digests.length > 0;
  }

  /** Whether the request carries one of the keys, in any of the places a client may put it. */
  accepts(carriers: KeyCarriers): boolean {
    for (const candidate of candidates(carriers)) {
      if (this.#knows(candidate)) return true;
    }
    return false;
  }

  #knows(candidate: string): boolean {
    const found = digest(candidate);
    let known = false;
    for (const each of this.#digests) known = timingSafeEqual(each, found) || known;
    return known;
  }
}

/** Whether the request says that it comes from a client of the intake protocols, whatever its key is worth. */
export function carriesSomeKey({ headers, pathToken, queryKey }: KeyCarriers): boolean {
  return (
    headers['dd-api-key'] !== undefined ||
    headers['x-datadog-api-key'] !== undefined ||
    pathToken !== undefined ||
    queryKey !== undefined
  );
}

function* candidates({ headers, pathToken, queryKey }: KeyCarriers): Generator<string> {
  for (const name of ['dd-api-key', 'x-datadog-api-key', 'dd-otlp-source']) {
    const value = headers[name];
    if (typeof value === 'string') yield value.trim();
  }
  if (queryKey !== undefined) yield queryKey;
  if (pathToken !== undefined) yield pathToken;
  const host = headers.host ?? headers[':authority'];
  const label = typeof host === 'string' ? KEY_HOST_LABEL.exec(host)?.[1] : undefined;
  if (label !== undefined) yield label;
  const [scheme = '', credentials = ''] = headers.authorization?.split(' ', 2) ?? [];
  if (scheme.toLowerCase() === 'bearer') yield credentials;
  // Clients that keep the user part of a URL send it as Basic credentials.
  if (scheme.toLowerCase() === 'basic') {
    yield* Buffer.from(credentials, 'base64').toString('latin1').split(':', 2);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
