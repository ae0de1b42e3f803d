import { request } from 'node:http';
import { connect } from 'node:net';
import {
  inSchema,
  streamOf,
  type TelemetryEvent,
  type TelemetryStream,
} from './telemetry-event.ts';

/** A checked subscription request. */
export interface SubscriptionRequest {
  readonly schemaVersion: string;
  readonly types: readonly TelemetryStream[];
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly destination:
    | { readonly protocol: 'HTTP'; readonly url: URL }
    | { readonly protocol: 'TCP'; readonly port: number };
}

/** Events kept for a destination that does not take them; then the oldest are dropped and counted. */
const queueLimitBytes = 4 * 1024 * 1024;
const attempts = 3;

/**
 * Buffers events for one subscriber and delivers them in order, one batch in flight.
 *
 * A batch leaves when it has `maxItems` or `maxBytes`, or when its first event is `timeoutMs` old. While the sandbox is frozen
 * nothing leaves: the receiver could not take it.
 */
export class TelemetrySubscription {
  readonly #options: SubscriptionRequest;
  #queue: { readonly text: string; readonly bytes: number }[] = [];
  #queuedBytes = 0;
  #dropped = { records: 0, bytes: 0 };
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #sending: Promise<void> | undefined;

  constructor(options: SubscriptionRequest) {
    this.#options = options;
  }

  /** Adds an event if the subscriber asked for its stream. */
  push(event: TelemetryEvent): void {
    if (!this.#options.types.includes(streamOf(event))) return;
    this.#append(event);
    if (this.#paused) return;
    const { maxItems, maxBytes, timeoutMs } = this.#options;
    if (this.#queue.length >= maxItems || this.#queuedBytes >= maxBytes) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), timeoutMs);
  }

  /** Holds deliveries back while the sandbox is frozen. */
  pause(): void {
    this.#paused = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Goes on after a freeze. What has waited is old enough to leave at once. */
  resume(): void {
    this.#paused = false;
    if (this.#queue.length > 0) this.#send();
  }

  /** Delivers all that is queued. */
  async flush(): Promise<void> {
    do {
      this.#send();
      await this.#sending;
    } while (this.#queue.length > 0 && !this.#paused);
  }

  /** Forgets what is queued. */
  stop(): void {
    this.pause();
    this.#queue = [];
  }

  #append(event: TelemetryEvent): void {
    const text = JSON.stringify(inSchema(event, this.#options.schemaVersion));
    const bytes = Buffer.byteLength(text) + 1;
    this.#queue.push({ text, bytes });
    this.#queuedBytes += bytes;
    while (this.#queuedBytes > queueLimitBytes && this.#queue.length > 1) {
      const oldest = this.#queue.shift()!;
      this.#queuedBytes -= oldest.bytes;
      this.#dropped.records += 1;
      this.#dropped.bytes += oldest.bytes;
    }
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#paused) {
      const batch = this.#takeBatch();
      if (!(await this.#deliver(batch))) {
        this.#dropped.records += batch.length;
        this.#dropped.bytes += batch.reduce((sum, one) => sum + one.bytes, 0);
        // Reporting the loss now would only be lost as well: it travels with the next event.
        return;
      }
    }
  }

  #takeBatch(): { text: string; bytes: number }[] {
    if (this.#dropped.records > 0) {
      const { records, bytes } = this.#dropped;
      this.#dropped = { records: 0, bytes: 0 };
      if (this.#options.types.includes('platform')) {
        this.#append({
          time: new Date().toISOString(),
          type: 'platform.logsDropped',
          record: {
            droppedRecords: records,
            droppedBytes: bytes,
            reason: 'Some logs were dropped because the subscriber did not take them in time',
          },
        });
      }
    }
    let count = 0;
    let bytes = 0;
    while (count < this.#queue.length && count < this.#options.maxItems) {
      const next = this.#queue[count]!.bytes;
      if (count > 0 && bytes + next > this.#options.maxBytes) break;
      bytes += next;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #deliver(batch: readonly { text: string }[]): Promise<boolean> {
    const { destination } = this.#options;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const done =
        destination.protocol === 'HTTP'
          ? await postBatch(destination.url, `[${batch.map((one) => one.text).join(',')}]`)
          : await writeLines(destination.port, batch.map((one) => `${one.text}\n`).join(''));
      if (done) return true;
      await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt));
    }
    return false;
  }
}

/** `true` if the receiver took the batch. No time limit: a receiver that is frozen half-way must find its request again. */
function postBatch(url: URL, body: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const post = request(
    url,
    {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    (response) => {
      response.resume();
      response.once('end', () => resolve((response.statusCode ?? 500) < 300));
      response.once('error', () => resolve(false));
    },
  );
  post.once('error', () => resolve(false));
  post.end(body);
  return promise;
}

function writeLines(port: number, text: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('error', () => resolve(false));
  socket.end(text, () => resolve(true));
  return promise;
}
