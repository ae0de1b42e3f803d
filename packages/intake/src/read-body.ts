import type { IncomingMessage } from 'node:http';
import type { Lease } from './memory-budget.ts';
import { bodyTimedOut, ClientGone, tooLarge } from './request-refused.ts';

/** How much of a body is read, for how long. */
export interface ReadLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * The declared length of a request body; `undefined` when it is chunked.
 * @throws {RequestRefused} 413 when it is more than `maxBytes`: nothing of it is read.
 */
export function declaredLength(request: IncomingMessage, maxBytes: number): number | undefined {
  const header = request.headers['content-length'];
  if (header === undefined) return undefined;
  const length = Number(header); // the parser has checked that it is decimal digits
  if (length > maxBytes) throw tooLarge(limitMessage(maxBytes, `${length} bytes are announced`));
  return length;
}

/**
 * Reads a whole request body as it came over the wire.
 *
 * @param lease Grows as bytes arrive unless they were leased beforehand (`leasedBytes`).
 * @throws {RequestRefused} 413 as soon as one byte too many arrives, 408 when the rest does not arrive in time.
 * @throws {ClientGone} When the connection ends first.
 */
export function readBody(
  request: IncomingMessage,
  limits: ReadLimits,
  lease: Lease,
  leasedBytes: number,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  return consume(request, limits, (chunk, total, fail) => {
    chunks.push(chunk);
    if (total <= leasedBytes || lease.tryGrow(chunk.length)) return;
    request.pause();
    lease.grow(chunk.length).then(() => request.resume(), fail);
  }).then((total) => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, total)));
}

/** Reads a body to its end and keeps nothing but its length. Errors as `readBody`. */
export function discardBody(request: IncomingMessage, limits: ReadLimits): Promise<number> {
  return consume(request, limits, () => {});
}

function consume(
  request: IncomingMessage,
  limits: ReadLimits,
  take: (chunk: Buffer, total: number, fail: (error: unknown) => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let total = 0;
    const stop = (): void => {
      clearTimeout(timer);
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      total += chunk.length;
      if (total > limits.maxBytes) {
        fail(tooLarge(limitMessage(limits.maxBytes, 'more is sent')));
      } else {
        take(chunk, total, fail);
      }
    };
    const onEnd = (): void => {
      stop();
      resolve(total);
    };
    const onClose = (): void => fail(new ClientGone(total));
    const timer = setTimeout(() => fail(bodyTimedOut(limits.timeoutMs, total)), limits.timeoutMs);
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
    // An aborted request also emits 'error'; 'close' follows and says all there is to say.
    request.on('error', ignore);
  });
}

/** Reads on after a refusal, so that a sender that writes before it reads still finds the answer. */
const DRAIN_BYTES = 128 * 1024 * 1024;
const DRAIN_MS = 10_000;

/**
 * Lets the rest of a refused body pass by unread, within bounds; past them the connection is cut.
 * Answering while the sender still writes and closing at once would reset the connection under the answer.
 */
export function drainBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) {
    request.resume();
    return;
  }
  let total = 0;
  const cut = (): void => void request.destroy();
  const timer = setTimeout(cut, DRAIN_MS);
  timer.unref();
  request.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total > DRAIN_BYTES) cut();
  });
  request.once('close', () => clearTimeout(timer));
  request.on('error', ignore);
  request.resume();
}

function ignore(): void {}

function limitMessage(maxBytes: number, found: string): string {
  return `Cannot take request body: this route takes ${maxBytes} bytes and ${found}`;
}
