// A server that takes what the library sends to an extension or to Spanloom.
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unpack } from 'msgpackr';
import { onTestFinished } from 'vitest';

/** A span as it came. */
interface ReceivedSpan {
  readonly name: string;
  readonly service: string;
  readonly resource: string;
  readonly trace_id: bigint;
  readonly span_id: bigint;
  readonly parent_id: bigint;
  readonly error: number;
  readonly meta: Record<string, string>;
  readonly metrics: Record<string, number>;
}

/** What it got so far. */
export interface Agent {
  readonly url: string;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  readonly spans: ReceivedSpan[];
}

/** Starts an agent on a free port until the test ends. `answer` replaces its own. */
export async function startAgent(answer?: RequestListener): Promise<Agent> {
  const requests: Agent['requests'][number][] = [];
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers });
      if (request.url?.endsWith('/v0.4/traces') === true) {
        spans.push(...(unpack(Buffer.concat(chunks)) as ReceivedSpan[][]).flat());
      }
      if (answer === undefined) response.end('{"rate_by_service":{}}');
      else answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, spans };
}
