import { builtin } from '../builtin.ts';
import { injectContext, type Carrier } from '../context/headers.ts';
import { guard } from '../log.ts';
import { firstPatch } from '../shared.ts';
import { outgoingPosition } from './trace-headers.ts';

interface UndiciRequest {
  readonly origin?: string | URL;
  readonly headers?: string | readonly string[];
  addHeader(name: string, value: string): unknown;
}

/** Puts trace headers on requests of `fetch` and of undici, which announce each one on a channel. */
export function patchFetch(): void {
  if (!firstPatch('fetch')) return;
  const { subscribe } = builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
  subscribe('undici:request:create', (message) => {
    guard('add trace headers', () => addHeaders((message as { request: UndiciRequest }).request));
  });
}

function addHeaders(request: UndiciRequest): void {
  const known = String(request.headers ?? '').toLowerCase();
  if (known.includes('x-datadog-trace-id') || known.includes('aws4-hmac-sha256')) return;
  const { hostname, port } = new URL(String(request.origin));
  const position = outgoingPosition(hostname, port);
  if (position === undefined) return;
  const carrier: Carrier = {};
  injectContext(position, carrier);
  for (const name in carrier) request.addHeader(name, carrier[name]!);
}
