// The end of an invocation: everything that is known only now goes onto the spans, then all of it leaves.
import { durableStatus } from './context/durable.ts';
import { writeAuthorizer } from './context/authorizer.ts';
import { sendXRayMetadata } from './context/xray-subsegment.ts';
import { announceAnswer } from './event/appsec.ts';
import { tagPayload } from './event/payload-tags.ts';
import { batchFailures, batchSize, isServerError, statusOf } from './event/status.ts';
import { answersHttp } from './event/trigger.ts';
import type { Invocation } from './invocation.ts';
import { startModuleSpans } from './load/module-spans.ts';
import { guard } from './log.ts';
import { isObject } from './loose.ts';
import { sendEnhanced } from './metrics/enhanced.ts';
import { flushPoints } from './metrics/submit.ts';
import { addPointers } from './service-spans.ts';
import { settle } from './send/deliver.ts';
import { flushExtension } from './send/flush-extension.ts';
import { nowMs } from './span/clock.ts';

/** What came of the handler. */
export interface Outcome {
  readonly result: unknown;
  /** Absent if it did not throw: `undefined` can be thrown too. */
  readonly thrown?: { readonly error: unknown };
}

/** Ends the invocation's spans and sends them. The promise, if there is one, is what the response has to wait for. */
export function finishInvocation(
  invocation: Invocation,
  outcome: Outcome,
): Promise<unknown> | undefined {
  const { span, settings, tracing, services } = invocation;
  const endMs = nowMs();
  const { result, thrown } = outcome;
  const http = answersHttp(invocation.trigger);
  const status = http
    ? (invocation.streamedStatus ?? statusOf(result, invocation.streaming))
    : undefined;
  const serverError = isServerError(status);
  if (status !== undefined) invocation.triggerTags['http.status_code'] = status;

  if (span !== undefined && !invocation.abandoned) {
    guard('tag the result', () => tagOutcome(invocation, outcome, status));
    if (settings.appsecEnabled && http) {
      guard('announce the answer', () => announceAnswer(invocation, result));
    }
    guard('span loaded modules', () => startModuleSpans(invocation));
    guard('end spans', () => {
      const inferred = services?.innermost;
      if (thrown !== undefined) span.setError(thrown.error);
      else if (serverError) span.setTag('error', true);
      if (status !== undefined) inferred?.setTag('http.status_code', status);
      if (services?.isOpen === true && inferred !== undefined) {
        if (thrown !== undefined) inferred.setError(thrown.error);
        else if (serverError) inferred.setTag('error', true);
      }
      span.finish(endMs);
      if (services?.isOpen === true) inferred?.finish(nowMs());
    });
    guard('pass the trace on through an authorizer', () => {
      const parent = services?.innermost ?? span;
      if (settings.encodeAuthorizerContext) {
        writeAuthorizer(result, invocation.event, parent.position(), nowMs());
      }
    });
  }
  guard('send spans', () => tracing?.close());
  guard('send the metrics of the end', () => {
    if (thrown !== undefined || serverError) sendEnhanced(invocation, 'errors');
    const failures = batchFailures(result);
    if (failures !== undefined) sendEnhanced(invocation, 'batch_item_failures', failures);
  });
  guard('send X-Ray metadata', () =>
    sendXRayMetadata(invocation.xray, 'lambda_function_tags', invocation.triggerTags),
  );
  return guard('wait for what is leaving', () => {
    const remainingMs = invocation.remainingMs();
    const waits = [
      settle(remainingMs),
      flushPoints(settings, remainingMs),
      settings.localTesting ? flushExtension() : undefined,
    ].filter((one) => one !== undefined);
    return waits.length === 0 ? undefined : Promise.all(waits);
  });
}

function tagOutcome(
  invocation: Invocation,
  { result, thrown }: Outcome,
  status: string | undefined,
): void {
  const { span, settings, event } = invocation;
  if (span === undefined) return;
  if (status !== undefined) span.setTag('http.status_code', status);
  if (settings.captureLambdaPayload) {
    if (thrown === undefined) {
      tagPayload(span, 'function.response', result, settings.captureLambdaPayloadMaxDepth);
    }
  }
  const failures = batchFailures(result);
  if (failures !== undefined) {
    span.setTag('batch_item_failures', failures);
    const size = batchSize(event);
    if (size !== undefined) span.setTag('batch_size', size);
  }
  const durable = durableStatus(result);
  if (durable !== undefined && isObject(event) && event['DurableExecutionArn'] !== undefined) {
    span.setTag('aws.durable.execution_status', durable);
  }
  if (settings.addSpanPointers && invocation.services === undefined && isObject(event)) {
    addPointers(span, event);
  }
}
