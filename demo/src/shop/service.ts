import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import tracer from 'dd-trace';
import { endWith } from './lifetime.ts';

/** What a handler is given. */
interface ShopRequest {
  /** The parts of the path that the route names with a colon. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON body; an empty object when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers a request with a value that becomes JSON, or throws. */
export type Handler = (request: ShopRequest) => Promise<unknown>;

/** An error that has an HTTP status of its own; any other error is a 500. */
export class ShopError extends Error {
  override readonly name: string = 'ShopError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/**
 * Serves `routes` (`GET /products/:id`) on the port this process was given, until it is told to end.
 *
 * The tracer makes a span of every request by itself. Without a web framework it cannot know routes, so this names
 * the span after the route, as an application on plain `node:http` would.
 */
export function serve(routes: Readonly<Record<string, Handler>>): void {
  const compiled = Object.entries(routes).map(([route, handler]) => compile(route, handler));
  const server = createServer((request, response) => {
    void answer(compiled, request, response);
  });
  server.listen(Number(process.env['SHOP_PORT']), '127.0.0.1');
  endWith(() => {
    server.close();
    server.closeIdleConnections();
  });
}

interface Route {
  readonly name: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
}

function compile(name: string, handler: Handler): Route {
  const [method = 'GET', path = '/'] = name.split(' ');
  const groups = path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)');
  return { name, path, pattern: new RegExp(`^${method} ${groups}$`), handler };
}

async function answer(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://shop');
  const span = tracer.scope().active();
  try {
    const call = `${request.method} ${url.pathname}`;
    const route = routes.find(({ pattern }) => pattern.test(call));
    if (route === undefined) throw new ShopError(404, `nothing is at ${url.pathname}`);
    span?.addTags({ 'resource.name': route.name, 'http.route': route.path });
    const result = await route.handler({
      params: route.pattern.exec(call)?.groups ?? {},
      query: url.searchParams,
      body: await readJson(request),
    });
    reply(response, 200, result);
  } catch (error) {
    const status = error instanceof ShopError ? error.status : 500;
    // A refusal is an answer, not a failure of this service: only failures carry an error and its stack.
    if (status >= 500) span?.setTag('error', error);
    reply(response, status, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = Buffer.concat(await request.toArray()).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
