import { createServer, request as sendRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request of a client and what it was answered. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: Readonly<Record<string, string | string[] | undefined>>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Stands between a client and the server, changes nothing, and remembers what was said. */
export class WatchingProxy implements AsyncDisposable {
  readonly exchanges: Exchange[] = [];
  readonly #server: Server;
  readonly #target: URL;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((request, response) => this.#forward(request, response));
  }

  /** Starts on a free loopback port. */
  static async start(target: string): Promise<WatchingProxy> {
    const proxy = new WatchingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The exchanges at `path`, oldest first. */
  at(path: string): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = request;
    const { hostname, port } = this.#target;
    const onward = sendRequest({ hostname, port, method, path, headers, agent: false });
    // A client that hears nothing would wait for its own timeout; 502 makes the failure plain in the exchanges.
    onward.once('error', () => response.writeHead(502).end());
    onward.once('response', (answer) => void this.#answer(request, answer, response));
    request.pipe(onward);
  }

  async #answer(
    { method = 'GET', url: path = '/', headers: requestHeaders }: IncomingMessage,
    answer: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const status = answer.statusCode ?? 0;
    const { headers } = answer;
    const body = Buffer.concat(await answer.toArray());
    this.exchanges.push({ method, path, requestHeaders, status, headers, body });
    response.writeHead(status, headers).end(body);
  }
}
