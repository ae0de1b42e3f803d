import type { Socket } from 'node:net';
import { builtin } from '../builtin.ts';
import { failed } from '../log.ts';

/** An idle connection older than this may have been closed while the sandbox was frozen. */
const idleLimitMs = 4000;
/** Bytes that may wait for a connection; beyond this the oldest are dropped. */
const queueLimit = 4_194_304;
const firstPauseMs = 5000;
const longestPauseMs = 60_000;

interface Message {
  readonly bytes: Buffer;
  readonly lost: (() => void) | undefined;
  attempts: number;
  written: boolean;
}

/**
 * A client of one server with one connection: HTTP/1.1 in a few lines, because a request of Node's own client costs more than all
 * the rest of an invocation, and because what matters here is when the bytes have left the process. Requests are pipelined. One
 * that was not answered when its connection broke is sent once more. After a failure nothing is sent for a while.
 */
export class HttpConnection {
  readonly #url: URL;
  /** Whether a request counts as done when it is answered, or when the system has its bytes. */
  readonly #awaitAnswer: boolean;
  #socket: Socket | undefined;
  #connected = false;
  #usedAtMs = 0;
  #queue: Message[] = [];
  #answer = '';
  #pausedUntilMs = 0;
  #pauseMs = 0;
  #settled: (() => void) | undefined;
  readonly #host: string;
  readonly #prefix: string;
  /** The head of the last request up to its length: mostly the next one has the same. */
  #head: { readonly path: string; readonly headers: object; readonly text: string } | undefined;

  constructor(url: URL, options: { readonly awaitAnswer: boolean }) {
    this.#url = url;
    this.#host = url.host;
    this.#prefix = url.pathname.replace(/\/$/, '');
    this.#awaitAnswer = options.awaitAnswer;
  }

  /** Connects ahead of the first request, so that this happens while the handler runs. */
  prepare(): void {
    const idle = this.#queue.length === 0 && Date.now() - this.#usedAtMs > idleLimitMs;
    if (this.#socket !== undefined && idle) this.#disconnect();
    if (this.#socket === undefined && Date.now() >= this.#pausedUntilMs) this.#connect();
  }

  /** Whether the system takes what is sent at once. */
  get isReady(): boolean {
    return this.#connected && this.#socket?.writableLength === 0;
  }

  /** Sends one request. Never throws; `lost` is called if it is known not to have arrived. */
  send(request: {
    readonly path: string;
    readonly method: 'POST' | 'PUT';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
    readonly lost?: () => void;
  }): void {
    if (Date.now() < this.#pausedUntilMs) {
      request.lost?.();
      return;
    }
    const { body } = request;
    const head = `${this.#headOf(request)}content-length: ${body.length}\r\n\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    bytes.set(body, head.length);
    const message: Message = { bytes, lost: request.lost, attempts: 0, written: false };
    this.#queue.push(message);
    let waiting = 0;
    for (const one of this.#queue) waiting += one.bytes.length;
    while (waiting > queueLimit && this.#queue.length > 1) {
      const oldest = this.#queue.shift()!;
      waiting -= oldest.bytes.length;
      oldest.lost?.();
    }
    this.prepare();
    if (this.#connected) this.#write();
  }

  /** Waits until everything sent has left, but no longer than `limitMs`; `undefined` if there is nothing to wait for. */
  settle(limitMs: number): Promise<void> | undefined {
    // While it is not known whether the server is back, nobody waits for it.
    if (!this.#pending() || this.#pauseMs > 0 || limitMs <= 0) return undefined;
    return new Promise((resolve) => {
      // Not unref'ed: with nothing else to do the runtime would take an idle process for a finished handler.
      const timer = setTimeout(() => {
        this.#settled = undefined;
        if (this.#awaitAnswer) this.#pause();
        resolve();
      }, limitMs);
      this.#settled = () => {
        clearTimeout(timer);
        this.#settled = undefined;
        resolve();
      };
    });
  }

  #headOf(request: {
    readonly path: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  }): string {
    const { path, headers } = request;
    if (this.#head?.headers === headers && this.#head.path === path) return this.#head.text;
    let text = `${request.method} ${this.#prefix}${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`;
    for (const name in headers) {
      // A value with a line break would end the header and begin another.
      text += `${name}: ${headers[name]!.replaceAll(/[\r\n]/g, '')}\r\n`;
    }
    this.#head = { path, headers, text };
    return text;
  }

  #pending(): boolean {
    if (this.#awaitAnswer) return this.#queue.length > 0;
    return this.#queue.some((one) => !one.written) || (this.#socket?.writableLength ?? 0) > 0;
  }

  #connect(): void {
    const secure = this.#url.protocol === 'https:';
    const host = this.#url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(this.#url.port) || (secure ? 443 : 80);
    const socket: Socket = secure
      ? builtin<typeof import('node:tls')>('tls').connect({ host, port, servername: host })
      : builtin<typeof import('node:net')>('net').connect({ host, port, noDelay: true });
    this.#socket = socket;
    this.#connected = false;
    this.#answer = '';
    this.#usedAtMs = Date.now();
    socket.unref();
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      if (this.#socket !== socket) return;
      this.#connected = true;
      this.#write();
    });
    socket.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')));
    socket.on('drain', () => this.#check());
    let problem: unknown;
    socket.on('error', (error) => {
      problem = error;
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#lost(problem ?? 'connection closed');
    });
  }

  #disconnect(): void {
    this.#connected = false;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #write(): void {
    this.#usedAtMs = Date.now();
    for (const one of this.#queue) {
      if (one.written) continue;
      one.written = true;
      one.attempts++;
      this.#socket?.write(one.bytes);
    }
    this.#check();
  }

  /** Takes complete answers off the connection: one request is done for each. */
  #read(text: string): void {
    this.#answer += text;
    for (;;) {
      const end = this.#answer.indexOf('\r\n\r\n');
      if (end < 0) break;
      const head = this.#answer.slice(0, end).toLowerCase();
      const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
      let next = end + 4 + Number(length ?? 0);
      if (length === undefined && head.includes('\r\ntransfer-encoding: chunked')) {
        const last = this.#answer.indexOf('0\r\n\r\n', end + 4);
        if (last < 0) break;
        next = last + 5;
      }
      if (this.#answer.length < next) break;
      this.#answer = this.#answer.slice(next);
      const status = Number(head.slice(9, 12));
      if (status < 200) continue;
      this.#queue.shift();
      if (status < 300) this.#pauseMs = 0;
      else failed(`send to ${this.#url.origin}`, `answered ${status}`);
    }
    this.#check();
  }

  #lost(problem: unknown): void {
    this.#socket = undefined;
    this.#connected = false;
    const unanswered = this.#queue;
    this.#queue = [];
    if (unanswered.length === 0 && this.#usedAtMs > 0 && problem === 'connection closed') return;
    // Closed by a server that no longer wanted it idle: what was just written goes once more over a new connection.
    const retry = unanswered.filter((one) => one.attempts < 2);
    if (retry.some((one) => one.written)) {
      for (const one of retry) one.written = false;
      this.#queue = retry;
      this.#connect();
      return;
    }
    failed(`send to ${this.#url.origin}`, problem);
    this.#pause();
    for (const one of unanswered) one.lost?.();
    this.#check();
  }

  #pause(): void {
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, firstPauseMs), longestPauseMs);
    this.#pausedUntilMs = Date.now() + this.#pauseMs;
  }

  #check(): void {
    if (this.#settled !== undefined && !this.#pending()) this.#settled();
  }
}
