// Spans of outgoing HTTP calls, where our own tracer makes the spans.
import { currentInvocation } from '../shared.ts';
import { ownTrace, type LiveSpan } from '../tracing.ts';

/** Opens a span for a call; `undefined` where another tracer would make it, or none does. */
export function startClientSpan(call: {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly component: 'http' | 'fetch';
}): LiveSpan | undefined {
  const invocation = currentInvocation();
  if (ownTrace(invocation?.tracing) === undefined || invocation?.abandoned !== false) {
    return undefined;
  }
  return invocation.tracing?.start('http.request', invocation.activeSpan(), {
    resource: call.method,
    type: 'http',
    tags: {
      'span.kind': 'client',
      component: call.component,
      'http.method': call.method,
      // What follows may be anything that the caller wants to keep to itself.
      'http.url': call.url.split('?')[0],
      'out.host': call.host,
    },
  });
}

/** Ends it with the status of the answer. What the caller did wrong is its error, what the other side did wrong is not. */
export function endClientSpan(span: LiveSpan | undefined, status: number | undefined): void {
  if (status !== undefined) {
    span?.setTag('http.status_code', String(status));
    if (status >= 400 && status < 500) span?.setTag('error', true);
  }
  span?.finish();
}
