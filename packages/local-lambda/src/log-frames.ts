/**
 * Splits what a runtime writes to `_LAMBDA_TELEMETRY_LOG_FD` into messages, so that a message of several lines stays one:
 *
 * ```
 * frame type: 4 bytes, 0xa55a....  | length: 4 bytes | timestamp: 8 bytes, µs | message: `length` bytes
 * ```
 *
 * All numbers big-endian. Type 0xa55a0001, of older runtimes, has no timestamp.
 */
export class LogFrameReader {
  readonly #onMessage: (text: string, epochMs: number) => void;
  #pending: Buffer = Buffer.alloc(0);

  constructor(onMessage: (text: string, epochMs: number) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 8) {
      if (this.#pending.readUInt16BE(0) !== 0xa55a) {
        // Not a frame: the rest cannot be trusted to have borders, but its text is still worth showing.
        const text = this.#pending.toString();
        this.#pending = Buffer.alloc(0);
        this.#onMessage(text, Date.now());
        return;
      }
      const timed = this.#pending.readUInt32BE(0) !== 0xa55a0001;
      const length = this.#pending.readUInt32BE(4);
      const start = timed ? 16 : 8;
      if (this.#pending.length < start + length) return;
      const epochMs = timed ? Number(this.#pending.readBigUInt64BE(8) / 1000n) : Date.now();
      const text = this.#pending.toString('utf8', start, start + length);
      this.#pending = this.#pending.subarray(start + length);
      this.#onMessage(text, epochMs);
    }
  }
}

/** Splits plain output into lines. Text decoding waits for whole lines, so no character is cut. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #pending: Buffer = Buffer.alloc(0);

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#onLine(rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
    }
    this.#pending = rest;
  }

  /** Hands out a last line that has no line break. */
  end(): void {
    if (this.#pending.length > 0) this.#onLine(this.#pending.toString());
    this.#pending = Buffer.alloc(0);
  }
}
