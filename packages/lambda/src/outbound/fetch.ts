import { builtin } from '../builtin.ts';
import { injectContext, type Carrier } from '../context/headers.ts';
import { guard } from '../log.ts';
import { firstPatch } from '../shared.ts';
import type { LiveSpan } from '../tracing.ts';
import { endClientSpan, startClientSpan } from './client-span.ts';
import { outgoingPosition } from './trace-headers.ts';

interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: string | readonly string[];
  addHeader(name: string, value: string): unknown;
}

const spans = new WeakMap<UndiciRequest, LiveSpan>();

/** Puts trace headers on requests of `fetch` and of undici, which announce each one on a channel. */
export function patchFetch(): void {
  if (!firstPatch('fetch')) return;
  const { subscribe } = builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
  subscribe('undici:request:create', (message) => {
    guard('add trace headers', () => addHeaders((message as { request: UndiciRequest }).request));
  });
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as {
      request: UndiciRequest;
      response: { statusCode?: number };
    };
    endClientSpan(spans.get(request), response.statusCode);
  });
  subscribe('undici:request:error', (message) => {
    const { request, error } = message as { request: UndiciRequest; error: unknown };
    spans.get(request)?.setError(error);
    endClientSpan(spans.get(request), undefined);
  });
}

function addHeaders(request: UndiciRequest): void {
  const known = String(request.headers ?? '').toLowerCase();
  if (known.includes('x-datadog-trace-id') || known.includes('aws4-hmac-sha256')) return;
  const { hostname, port } = new URL(String(request.origin));
  const position = outgoingPosition(hostname, port);
  if (position === undefined) return;
  const { method = 'GET', path = '/' } = request;
  const url = `${String(request.origin)}${path}`;
  const span = startClientSpan({ method, url, host: hostname, component: 'fetch' });
  if (span !== undefined) spans.set(request, span);
  const carrier: Carrier = {};
  injectContext(span?.position() ?? position, carrier);
  for (const name in carrier) request.addHeader(name, carrier[name]!);
}
