// An API Gateway authorizer is a function of its own. Its answer carries the trace to the function behind the API.
import { fromBase64, isObject, parseObject, textOf, type Loose } from '../loose.ts';
import { injectContext, type Carrier } from './headers.ts';
import type { TraceContext } from './trace-context.ts';

/** What an authorizer of ours left in the request. */
export interface AuthorizerContext {
  readonly carrier: Loose;
  /** When the authorizer's API span ended. */
  readonly finishMs: number;
  /** How long API Gateway waited for it; `undefined` if it does not say. */
  readonly latencyMs: number | undefined;
}

/** Reads what the authorizer left; `undefined` if there is nothing or if API Gateway answered from its cache. */
export function readAuthorizer(event: Loose): AuthorizerContext | undefined {
  const request = event['requestContext'];
  const authorizer = request?.['authorizer'];
  if (!isObject(authorizer)) return undefined;
  const carrier = parseObject(
    fromBase64(authorizer['_datadog'] ?? authorizer['lambda']?.['_datadog']),
  );
  if (carrier === undefined) return undefined;
  const latency = Number(authorizer['integrationLatency'] ?? NaN);
  const id = textOf(request?.['requestId']);
  const fresh =
    latency > 0 || (id !== undefined && id === textOf(carrier['x-datadog-authorizing-requestid']));
  const finishMs = Number(carrier['x-datadog-parent-span-finish-time']) / 1e6;
  if (!fresh) return undefined;
  return { carrier, finishMs, latencyMs: latency >= 0 ? latency : undefined };
}

/** Adds the trace to an authorizer's answer; any other result comes back as it is. */
export function writeAuthorizer(
  result: unknown,
  event: unknown,
  context: TraceContext,
  finishMs: number,
): void {
  if (!isObject(result)) return;
  const policy = result['principalId'] && result['policyDocument'];
  if (!policy && typeof (result['isAuthorized'] as unknown) !== 'boolean') return;
  const carrier: Carrier = {};
  // Clients of the API may get to see this: what the application put into its baggage stays inside.
  injectContext({ ...context, baggage: undefined }, carrier);
  const id = isObject(event) ? textOf(event['requestContext']?.['requestId']) : undefined;
  const text = JSON.stringify({
    ...carrier,
    'x-datadog-parent-span-finish-time': Math.round(finishMs * 1e6),
    ...(id === undefined ? {} : { 'x-datadog-authorizing-requestid': id }),
  });
  const target = result as { context?: Record<string, unknown> };
  target.context = { ...target.context, _datadog: Buffer.from(text).toString('base64') };
}
