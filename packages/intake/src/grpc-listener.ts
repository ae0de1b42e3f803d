import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { MAX_HEADER_BYTES } from './body-limits.ts';
import type { Intake } from './intake.ts';
import { CLOSE_TIMEOUT_MS, type Listener, type ListenOptions } from './listener.ts';
import { formatAddress, openPort } from './open-port.ts';
import { OtlpGrpc } from './otlp-grpc.ts';

/** Streams one connection may have open at once: exporters use one or a few. */
const MAX_STREAMS = 128;
/** How far a sender may run ahead of us on one stream. */
const WINDOW_BYTES = 1024 * 1024;
/** Connections without a single call for this long are closed; gRPC clients open a new one by themselves. */
const SESSION_IDLE_MS = 10 * 60_000;

/** Listens for OTLP over gRPC: HTTP/2 in clear text. */
export async function startGrpcListener(options: ListenOptions, intake: Intake): Promise<Listener> {
  const { counters } = intake.parts;
  const server = createServer({
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      initialWindowSize: WINDOW_BYTES,
      maxHeaderListSize: MAX_HEADER_BYTES,
      enablePush: false,
    },
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(SESSION_IDLE_MS, () => session.close());
  });
  server.on('stream', new OtlpGrpc(intake.parts).handle);
  server.on('sessionError', (error: NodeJS.ErrnoException) => {
    // A reset after a freeze is everyday life in Lambda; anything else is not HTTP/2, or not gRPC's use of it.
    if (error.code !== 'ECONNRESET') counters.badHttp.add(1, options.name, error.code ?? 'unknown');
  });
  const address = await openPort(server, options);
  const unwatch = counters.watchConnections(options.name, () => sessions.size);
  return {
    name: options.name,
    address: formatAddress(address),
    port: address.port,
    async [Symbol.asyncDispose]() {
      unwatch();
      await closeGrpcServer(server, sessions, options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS);
    },
  };
}

/** Tells every client to go elsewhere (GOAWAY), waits for running calls, cuts what is left at the deadline. */
function closeGrpcServer(
  server: Http2Server,
  sessions: ReadonlySet<ServerHttp2Session>,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, timeoutMs);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    for (const session of sessions) session.close();
  });
}
