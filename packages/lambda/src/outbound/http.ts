import { builtin } from '../builtin.ts';
import { injectContext, type Carrier } from '../context/headers.ts';
import { guard } from '../log.ts';
import { textOf } from '../loose.ts';
import { firstPatch } from '../shared.ts';
import type { LiveSpan } from '../tracing.ts';
import { endClientSpan, startClientSpan } from './client-span.ts';
import { outgoingPosition } from './trace-headers.ts';

interface OutgoingRequest {
  readonly host?: string;
  readonly method?: string;
  readonly path?: string;
  readonly protocol?: string;
  readonly headersSent?: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
  end(): unknown;
}

const spans = new WeakMap<OutgoingRequest, LiveSpan>();
let announced = false;

/**
 * Puts trace headers on requests made through `http` and `https`. They are set on the request itself, once it is made: its
 * arguments come in too many forms, and signed requests are recognised by what they carry.
 */
export function patchHttp(): void {
  if (!firstPatch('http')) return;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 23 || (major === 23 && minor >= 2) || (major === 22 && minor >= 12)) {
    // Node announces new requests: nothing has to be loaded or replaced.
    announced = true;
    const { subscribe } = builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
    subscribe('http.client.request.created', (message) =>
      tryAddHeaders((message as { request: OutgoingRequest }).request),
    );
    subscribe('http.client.response.finish', (message) => {
      const { request, response } = message as {
        request: OutgoingRequest;
        response: { statusCode?: number };
      };
      endClientSpan(spans.get(request), response.statusCode);
    });
    subscribe('http.client.request.error', (message) => {
      const { request, error } = message as { request: OutgoingRequest; error: unknown };
      spans.get(request)?.setError(error);
      endClientSpan(spans.get(request), undefined);
    });
    return;
  }
  type Request = (...args: unknown[]) => OutgoingRequest;
  for (const name of ['http', 'https']) {
    const module = builtin<Record<string, Request>>(name);
    const original = module['request']!;
    const request: Request = function (this: unknown, ...args) {
      const made = original.apply(this, args);
      tryAddHeaders(made);
      return made;
    };
    module['request'] = request;
    // Its own one would have sent the headers before we see the request.
    module['get'] = (...args) => {
      const made = request(...args);
      made.end();
      return made;
    };
  }
  // ES modules that took `request` out of `http` by name see the change only after this.
  builtin<typeof import('node:module')>('module').syncBuiltinESMExports();
}

function tryAddHeaders(request: OutgoingRequest): void {
  guard('add trace headers', () => addHeaders(request));
}

function addHeaders(request: OutgoingRequest): void {
  // Headers given as a list are on their way already; a signature covers the headers that it knew.
  if (request.headersSent === true) return;
  const authorization: unknown = request.getHeader('authorization');
  if (typeof authorization === 'string' && authorization.startsWith('AWS4-')) return;
  if (request.getHeader('x-datadog-trace-id') !== undefined) return;
  const [host = '', port = ''] = (textOf(request.getHeader('host')) ?? request.host ?? '').split(
    ':',
  );
  const position = outgoingPosition(host, port);
  if (position === undefined) return;
  const { method = 'GET', path = '/', protocol = 'http:' } = request;
  const url = `${protocol}//${host}${port === '' ? '' : `:${port}`}${path}`;
  // Only where Node also announces how the call ends.
  const span = announced ? startClientSpan({ method, url, host, component: 'http' }) : undefined;
  if (span !== undefined) spans.set(request, span);
  const carrier: Carrier = {};
  injectContext(span?.position() ?? position, carrier);
  for (const name in carrier) request.setHeader(name, carrier[name]!);
}
