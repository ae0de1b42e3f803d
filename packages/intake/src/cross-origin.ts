import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Pages served from this machine: a developer's own front end. */
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Which web pages may send OTLP here. A browser attaches no secret to these requests, so any page a developer
 * visits could otherwise write spans into a collector on their machine.
 */
export class CrossOriginRules {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowed Origins such as `https://shop.example`, or `*`. Loopback origins are always allowed. */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = new Set(allowed);
  }

  allows(origin: string | undefined): boolean {
    if (origin === undefined) return false;
    return this.#allowed.has('*') || this.#allowed.has(origin) || LOOPBACK_ORIGIN.test(origin);
  }

  /** Headers that let the page read the answer. */
  answerHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
    const { origin } = headers;
    return this.allows(origin) ? { 'access-control-allow-origin': origin!, vary: 'origin' } : {};
  }

  /** Headers of the answer to the browser's question before the request. */
  preflightHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
    if (!this.allows(headers.origin)) return { vary: 'origin' };
    return {
      ...this.answerHeaders(headers),
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': headers['access-control-request-headers'] ?? 'content-type',
      'access-control-max-age': '7200',
    };
  }
}

/** Whether a browser says that another site's page made the request. */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-site'] === 'cross-site';
}
