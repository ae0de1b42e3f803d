import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_HEADER_BYTES } from './body-limits.ts';
import type { IntakeCounters } from './intake-counters.ts';
import {
  CLOSE_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  type Listener,
  type ListenOptions,
} from './listener.ts';
import { formatAddress, openPort } from './open-port.ts';

/** Handles one request; everything it throws is a bug. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const HEADERS_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 120_000;

/** What a connection that does not speak proper HTTP is told, by the parser's error code. */
const PARSER_ANSWERS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Listens for HTTP/1.1 with the timeouts and limits the senders need. */
export async function startHttpListener(
  options: ListenOptions,
  counters: IntakeCounters,
  handler: RequestHandler,
): Promise<Listener> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    // A backstop for routes that read without a clock of their own; the intake's have one, see `readBody`.
    requestTimeout: REQUEST_TIMEOUT_MS,
    noDelay: true,
  });
  /** Connections without a request so far: browsers open some in advance, and Node takes them for busy. */
  const unused = new Set<Duplex>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    unused.delete(request.socket);
    handler(request, response);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    unused.delete(request.socket);
    handler(request, response);
    // A handler that refuses what the headers say answers before the next turn, and the body is never sent.
    setImmediate(() => {
      if (!response.headersSent && !response.destroyed) response.writeContinue();
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    refuseConnection(error, socket, options.name, counters);
  });
  let connections = 0;
  server.on('connection', (socket: Duplex) => {
    connections += 1;
    unused.add(socket);
    socket.once('close', () => {
      connections -= 1;
      unused.delete(socket);
    });
  });
  const address = await openPort(server, options);
  const unwatch = counters.watchConnections(options.name, () => connections);
  return {
    name: options.name,
    address: formatAddress(address),
    port: address.port,
    async [Symbol.asyncDispose]() {
      unwatch();
      await closeHttpServer(server, unused, options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS);
    },
  };
}

function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  listener: string,
  counters: IntakeCounters,
): void {
  const code = error.code ?? 'unknown';
  // A reset after a freeze is everyday life in Lambda, not something to count as broken.
  if (code !== 'ECONNRESET') counters.badHttp.add(1, listener, code);
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = PARSER_ANSWERS[code] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Refuses new connections, waits for running requests, cuts what is left at the deadline. */
function closeHttpServer(
  server: Server,
  unused: ReadonlySet<Duplex>,
  timeoutMs: number,
): Promise<void> {
  const closeIdle = (): void => {
    server.closeIdleConnections();
    for (const socket of unused) socket.destroy();
  };
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // A connection turns idle when its request ends; nobody tells us, so look again and again.
    const sweep = setInterval(closeIdle, 20);
    server.close(() => {
      clearTimeout(deadline);
      clearInterval(sweep);
      resolve();
    });
    closeIdle();
  });
}
