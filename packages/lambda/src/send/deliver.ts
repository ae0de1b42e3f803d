// One way out for everything the library sends. Nothing here throws, and only `settle` makes anyone wait.
import { failed, guard } from '../log.ts';
import { completeSpans } from '../span/describe-span.ts';
import { encodeLines } from '../span/encode-lines.ts';
import { encodeMsgpack } from '../span/encode-msgpack.ts';
import type { Span } from '../span/span.ts';
import type { Trace } from '../span/trace.ts';
import { libraryVersion } from '../version.ts';
import { findDestination } from './destination.ts';
import { HttpConnection } from './http-connection.ts';
import { writeLines } from './lines.ts';
import { settleDatagrams } from './udp.ts';

/** What a flush may take at most, and which part of the time that the function has left. */
const flushLimitMs = 250;
const flushShare = 0.05;

let connection: HttpConnection | undefined;
let key: string | Promise<string> = '';
let headers: Record<string, string> | undefined;
/** Spans that cannot leave before there is a key. */
let awaitingKey: Promise<void> | undefined;

/** The connection of traces; `undefined` if they go into the log. */
export function traceConnection(): HttpConnection | undefined {
  if (connection !== undefined) return connection;
  const destination = findDestination();
  if (destination.kind === 'log') return undefined;
  const direct = destination.kind === 'server';
  connection = new HttpConnection(direct ? destination.server : destination.agent, {
    // An extension is frozen and thawed together with us: what the system holds for it will be read. A server is not.
    awaitAnswer: direct,
  });
  return connection;
}

/** Sets the key for a server. It may still be on its way. */
export function setApiKey(value: string | Promise<string>): void {
  key = value;
}

/** Takes spans of one trace that are finished, and sends them. */
export function deliverSpans(trace: Trace, spans: readonly Span[]): void {
  const target = traceConnection();
  if (target?.isReady === true && findDestination().kind === 'extension') {
    // After the response: encoding and writing are most of our work, and the runtime asks for its next event only in a later turn
    // of the event loop than this one, so the sandbox cannot be frozen in between.
    setImmediate(send, trace, spans, target);
  } else send(trace, spans, target);
}

function send(trace: Trace, spans: readonly Span[], target: HttpConnection | undefined): void {
  guard('send spans', () => {
    completeSpans(trace, spans);
    if (target === undefined) {
      writeLines(encodeLines(spans));
      return;
    }
    const body = encodeMsgpack([spans]);
    const direct = findDestination().kind === 'server';
    const sendWith = (apiKey: string): void => {
      headers ??= {
        'content-type': 'application/msgpack',
        'datadog-meta-lang': 'nodejs',
        'datadog-meta-lang-version': process.versions.node,
        'datadog-meta-lang-interpreter': 'v8',
        'datadog-meta-tracer-version': libraryVersion,
        'x-datadog-trace-count': '1',
        ...(direct && apiKey !== '' ? { 'dd-api-key': apiKey } : {}),
      };
      target.send({
        path: '/v0.4/traces',
        method: 'PUT',
        headers,
        body,
        // The log is the last resort of a function that has nothing else; with an extension it would be noise.
        ...(direct ? { lost: () => writeLines(encodeLines(spans)) } : {}),
      });
    };
    if (typeof key === 'string') sendWith(key);
    else {
      const sent = key.then(sendWith).catch((error: unknown) => failed('send spans', error));
      awaitingKey = sent;
      void sent.finally(() => {
        if (awaitingKey === sent) awaitingKey = undefined;
      });
    }
  });
}

/** Waits for what is still leaving the process, within bounds; `undefined` if nothing is. */
export function settle(remainingMs: number): Promise<unknown> | undefined {
  const limitMs = Math.min(flushLimitMs, remainingMs * flushShare);
  const spans = awaitingKey === undefined ? connection?.settle(limitMs) : settleWithKey(limitMs);
  const waits = [spans, settleDatagrams()].filter((one) => one !== undefined);
  return waits.length === 0 ? undefined : Promise.all(waits);
}

async function settleWithKey(limitMs: number): Promise<void> {
  const startMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([awaitingKey, tooLong]);
  clearTimeout(timer);
  await connection?.settle(limitMs - (performance.now() - startMs));
}
