import { injectContext, type Carrier } from '../context/headers.ts';
import type { TraceContext } from '../context/trace-context.ts';
import { findDdTrace } from '../delegate/dd-trace.ts';
import { currentInvocation } from '../shared.ts';

/** The headers that continue a trace of ours elsewhere. */
export interface TraceHeaders {
  'x-datadog-trace-id': string;
  'x-datadog-parent-id': string;
  'x-datadog-sampling-priority': string;
}

/** The three headers for a call that is made by hand. Empty outside an invocation. */
export function getTraceHeaders(): Partial<TraceHeaders> {
  const position = currentInvocation()?.position();
  if (position === undefined) return {};
  return {
    'x-datadog-trace-id': String(position.traceId),
    'x-datadog-parent-id': String(position.spanId),
    ...(position.priority === undefined
      ? {}
      : { 'x-datadog-sampling-priority': String(position.priority) }),
  };
}

/** All headers of all configured styles, for a call or a message that is made by hand. Empty outside an invocation. */
export function getTraceContext(): Record<string, string> {
  const carrier: Carrier = {};
  const position = currentInvocation()?.position();
  if (position !== undefined) injectContext(position, carrier);
  return carrier;
}

/** Where an outgoing call hangs; `undefined` if it must go out as it is. */
export function outgoingPosition(host: string, port: string): TraceContext | undefined {
  const invocation = currentInvocation();
  if (invocation?.settings.autoPatchHTTP !== true || findDdTrace() !== undefined) return undefined;
  if (isOwn(host, port)) return undefined;
  return invocation.position();
}

/** The sandbox's own services: the runtime, the extension, credentials. */
function isOwn(host: string, port: string): boolean {
  if (host.startsWith('169.254.')) return true;
  if (`${host}:${port}` === process.env['AWS_LAMBDA_RUNTIME_API']) return true;
  return /^(?:localhost|127\.0\.0\.1)$/.test(host) && /^812[456]$/.test(port);
}
