import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2Server, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** One request as it came in: the body is what was on the wire, still compressed where the client compressed. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What agents of the version we claim to be list, and Spanloom lists too: it decides what clients send. */
const info = {
  version: '7.79.1',
  git_commit: 'spanloom',
  endpoints: [
    '/info',
    '/v0.3/traces',
    '/v0.4/traces',
    '/v0.5/traces',
    '/v0.7/traces',
    '/v1.0/traces',
    '/v0.6/stats',
    '/v0.1/pipeline_stats',
    '/profiling/v1/input',
    '/telemetry/proxy/',
    '/tracer_flare/v1',
  ],
  feature_flags: [],
  client_drop_p0s: false,
  span_meta_structs: true,
  span_events: true,
  long_running_spans: false,
  span_kinds_stats_computed: ['server', 'client', 'producer', 'consumer'],
  config: { default_env: 'none', target_tps: 10, max_eps: 200, max_request_bytes: 26_214_400 },
};

/** How a recording differs from what Spanloom answers by default. */
export interface RecordingOptions {
  /** Tells clients that they may keep unsampled traces, which makes them compute statistics themselves. */
  readonly clientDropsP0s: boolean;
}

/**
 * A server that answers as an agent and an OTLP receiver would, and keeps every request.
 *
 * It knows no format, so what it records cannot be coloured by a decoder of ours.
 */
export class RecordingAgent implements AsyncDisposable {
  readonly requests: RecordedRequest[] = [];
  readonly #http: Server;
  readonly #grpc: Http2Server;

  readonly #info: string;

  private constructor({ clientDropsP0s }: RecordingOptions) {
    this.#info = JSON.stringify({ ...info, client_drop_p0s: clientDropsP0s });
    this.#http = createServer((request, response) => void this.#keep(request, response));
    this.#grpc = createHttp2Server();
    this.#grpc.on('stream', (stream, headers) => void this.#keepGrpc(stream, headers));
  }

  /** Starts on free loopback ports. */
  static async start(options: RecordingOptions): Promise<RecordingAgent> {
    const agent = new RecordingAgent(options);
    for (const server of [agent.#http, agent.#grpc]) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
    }
    return agent;
  }

  /** Base URL of the agent API and OTLP over HTTP. */
  get httpUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Base URL of OTLP over gRPC, cleartext HTTP/2. */
  get grpcUrl(): string {
    return `http://127.0.0.1:${(this.#grpc.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await Promise.all(
      [this.#http, this.#grpc].map((server) => new Promise((resolve) => server.close(resolve))),
    );
  }

  async #keep(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const path = request.url ?? '/';
    const headers = request.headers as Record<string, string>;
    this.requests.push({ method: request.method ?? '', path, headers, body });
    this.#answer(path, headers['content-type'] ?? '', response);
  }

  #answer(path: string, contentType: string, response: ServerResponse): void {
    if (path.startsWith('/telemetry/')) {
      response.writeHead(202).end();
    } else if (path === '/v1/traces') {
      // An OTLP reply comes in the content type of its request; an empty protobuf message has no bytes.
      response.writeHead(200, { 'content-type': contentType });
      response.end(contentType.includes('json') ? '{}' : undefined);
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(this.#agentReply(path));
    }
  }

  #agentReply(path: string): string {
    if (path === '/info') return this.#info;
    if (path.endsWith('/traces')) return '{"rate_by_service":{"service:,env:":1}}';
    return '{}';
  }

  async #keepGrpc(stream: ServerHttp2Stream, headers: object): Promise<void> {
    const body = Buffer.concat(await stream.toArray());
    const entries = Object.entries(headers).map(([key, value]) => [key, String(value)] as const);
    const pseudo = Object.fromEntries(entries.filter(([key]) => key.startsWith(':')));
    this.requests.push({
      method: pseudo[':method'] ?? '',
      path: pseudo[':path'] ?? '/',
      headers: Object.fromEntries(entries.filter(([key]) => !key.startsWith(':'))),
      body,
    });
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // An empty response message: not compressed, zero bytes long.
    stream.end(Buffer.alloc(5));
  }
}
