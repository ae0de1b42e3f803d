import { builtin } from '../builtin.ts';
import { injectContext, type Carrier } from '../context/headers.ts';
import { guard } from '../log.ts';
import { textOf } from '../loose.ts';
import { firstPatch } from '../shared.ts';
import { outgoingPosition } from './trace-headers.ts';

interface OutgoingRequest {
  readonly host?: string;
  readonly headersSent?: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/**
 * Puts trace headers on requests made through `http` and `https`. They are set on the request itself, once it is made: its
 * arguments come in too many forms, and signed requests are recognised by what they carry.
 */
export function patchHttp(): void {
  if (!firstPatch('http')) return;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 23 || (major === 23 && minor >= 2) || (major === 22 && minor >= 12)) {
    // Node announces new requests: nothing has to be loaded or replaced.
    const { subscribe } = builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
    subscribe('http.client.request.created', (message) =>
      tryAddHeaders((message as { request: OutgoingRequest }).request),
    );
    return;
  }
  for (const name of ['http', 'https']) {
    const module = builtin<Record<string, (...args: unknown[]) => unknown>>(name);
    for (const method of ['request', 'get']) {
      const original = module[method]!;
      module[method] = function (this: unknown, ...args: unknown[]) {
        const request = original.apply(this, args);
        tryAddHeaders(request as OutgoingRequest);
        return request;
      };
    }
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
  const carrier: Carrier = {};
  injectContext(position, carrier);
  for (const name in carrier) request.setHeader(name, carrier[name]!);
}
