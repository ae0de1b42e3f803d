// The spans of managed services around one invocation: opened before the function's own, ended before or after it.
import { readAuthorizer } from './context/authorizer.ts';
import { inferSpans, type Inferred } from './event/inferred.ts';
import { spanPointers } from './event/span-pointers.ts';
import type { Invocation } from './invocation.ts';
import { guard } from './log.ts';
import { isObject, type Loose } from './loose.ts';
import { nowMs } from './span/clock.ts';
import type { LiveSpan } from './tracing.ts';

/** Events older than the longest retention of any source carry a broken clock. */
const oldestMs = 14 * 24 * 3_600_000;

/** What was opened for one invocation. */
export interface ServiceSpans {
  /** The parent of the function's span. */
  readonly innermost: LiveSpan | undefined;
  /** Whether the innermost one waits for the function's answer. */
  readonly isOpen: boolean;
  /** Ends what ends as the function starts. */
  handOver(): void;
}

/** Opens the spans above the function's own; `undefined` if there are none. */
export function startServiceSpans(invocation: Invocation): ServiceSpans | undefined {
  const { event, trigger, settings, tracing } = invocation;
  if (!settings.createInferredSpan || trigger === undefined || tracing === undefined)
    return undefined;
  if (!isObject(event)) return undefined;
  const now = nowMs();
  const chain = inferSpans({ event, trigger, settings, region: invocation.fn.region, nowMs: now });
  if (chain.length === 0) return undefined;
  let parent: LiveSpan | undefined;
  let startMs: number | undefined;
  if (trigger.source === 'api-gateway' && settings.decodeAuthorizerContext) {
    const authorized = guard('span the authorizer', () =>
      startAuthorizer(invocation, event, chain[0]!),
    );
    parent = authorized?.span;
    startMs = authorized?.endMs;
  }
  for (const [index, one] of chain.entries()) {
    const next = startOne(invocation, one, parent, startMs ?? one.startMs, now);
    if (index < chain.length - 1) next.finish(one.endMs ?? now);
    parent = next;
    startMs = undefined;
  }
  const last = chain.at(-1)!;
  if (settings.addSpanPointers && parent !== undefined) addPointers(parent, event);
  return {
    innermost: parent,
    isOpen: !last.async,
    handOver: () => {
      if (last.async) parent?.finish();
    },
  };
}

/** Links whoever wrote the objects or items that an event is about. */
export function addPointers(span: LiveSpan, event: Loose): void {
  for (const link of guard('make span pointers', () => spanPointers(event)) ?? [])
    span.addLink(link);
}

function startOne(
  invocation: Invocation,
  inferred: Inferred,
  parent: LiveSpan | undefined,
  startMs: number | undefined,
  now: number,
): LiveSpan {
  const clamped = startMs !== undefined && (startMs > now || startMs < now - oldestMs);
  const { service, resource, type } = inferred;
  return invocation.tracing!.start(inferred.name, parent, {
    service,
    resource,
    type,
    startMs: clamped ? now : startMs,
    tags: {
      ...inferred.tags,
      resource_names: resource,
      request_id: invocation.context.awsRequestId,
      service,
      ...(invocation.settings.service === undefined
        ? {}
        : { 'peer.service': invocation.settings.service }),
      'span.kind': 'server',
      '_dd.measured': 1,
      '_inferred_span.tag_source': 'self',
      '_inferred_span.synchronicity': inferred.async ? 'async' : 'sync',
      ...(clamped ? { '_inferred_span.clamped': 1 } : {}),
    },
  });
}

/** The time in the authorizer, for REST and WebSocket APIs; for HTTP APIs only when it ended. */
function startAuthorizer(
  invocation: Invocation,
  event: Loose,
  api: Inferred,
): { readonly span: LiveSpan | undefined; readonly endMs: number } | undefined {
  const authorized = readAuthorizer(event);
  if (authorized === undefined || !(authorized.finishMs > 0)) return undefined;
  const startMs = authorized.finishMs;
  if (invocation.trigger?.kind === 'http') return { span: undefined, endMs: startMs };
  const answered =
    Number(event['requestContext']?.['requestTimeEpoch']) + (authorized.latencyMs ?? NaN);
  const endMs = answered > startMs ? answered : startMs;
  const span = startOne(
    invocation,
    { ...api, name: 'aws.apigateway.authorizer' },
    undefined,
    startMs,
    nowMs(),
  );
  span.finish(endMs);
  return { span, endMs };
}
