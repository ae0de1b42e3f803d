import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request the command made. */
export interface Asked {
  /** `POST /api/xray/crawl`, without the search part. */
  readonly route: string;
  readonly search: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

/** An answer as JSON, or what to do with the response by hand. */
export type Route = (asked: Asked, response: ServerResponse) => unknown;

/** Answers as a Spanloom server would, by a few routes. What it was asked for is kept. */
export class FakeServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server: Server;

  private constructor(routes: Readonly<Record<string, Route>>) {
    this.#server = createServer((request, response) => void this.#serve(routes, request, response));
  }

  static async start(routes: Readonly<Record<string, Route>>): Promise<FakeServer> {
    const server = new FakeServer(routes);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', () => resolve());
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The routes asked for, in order. */
  get routes(): string[] {
    return this.asked.map(({ route }) => route);
  }

  /** What the command's environment needs to find this server. */
  get env(): Readonly<Record<string, string>> {
    return { SPANLOOM_URL: this.url };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(
    routes: Readonly<Record<string, Route>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', 'http://localhost');
    const asked: Asked = {
      route: `${request.method} ${url.pathname}`,
      search: url.searchParams,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
      headers: request.headers,
    };
    this.asked.push(asked);
    const route = routes[asked.route];
    if (route === undefined) {
      refuse(response, 404, 'NO_SUCH_ROUTE', `There is no ${asked.route}`);
      return;
    }
    const answer = await route(asked, response);
    if (response.headersSent || response.destroyed) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }
}

/** An error as the server words it. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  details?: unknown,
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message, details } }));
}
