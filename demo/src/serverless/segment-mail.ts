import { pause } from '../pause.ts';
import { shopCloud } from './cloud.ts';

/** How long AWS's services keep their segments for themselves, at least and at most. */
const earliestMs = 4_000;
const latestMs = 25_000;

/** Sends segment documents to X-Ray as the services of AWS do: each when it suits it, seconds after the request. */
export class SegmentMail {
  readonly #url: string;
  readonly #signal: AbortSignal;

  /** @param url Where X-Ray is. */
  constructor(url: string, signal: AbortSignal) {
    this.#url = `${url}/TraceSegments`;
    this.#signal = signal;
  }

  send(document: object): void {
    void this.#send(document);
  }

  async #send(document: object): Promise<void> {
    const waitMs = earliestMs + Math.random() * (latestMs - earliestMs);
    if (!(await pause(waitMs, this.#signal))) return;
    const { account, region } = shopCloud;
    try {
      await fetch(this.#url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          // Nothing is signed: the local X-Ray only looks at whose key it would be, and where.
          authorization: `AWS4-HMAC-SHA256 Credential=${account}/20240101/${region}/xray/aws4_request, SignedHeaders=host, Signature=none`,
        },
        body: JSON.stringify({ TraceSegmentDocuments: [JSON.stringify(document)] }),
        signal: this.#signal,
      });
    } catch {
      // It is being started again, or the shop closes: X-Ray loses a segment now and then, too.
    }
  }
}
