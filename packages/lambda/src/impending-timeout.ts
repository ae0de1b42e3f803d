import type { Invocation } from './invocation.ts';
import { guard } from './log.ts';
import { settle } from './send/deliver.ts';

const tags = {
  'error.type': 'Impending Timeout',
  'error.message': 'Datadog detected an impending timeout',
};

/**
 * Sends the trace shortly before the function's time is over, because afterwards nobody can. A handler that blocks the process to
 * its end leaves no moment for it. Returns what has to be called when the handler ended in time.
 */
export function watchTimeout(invocation: Invocation): () => void {
  const { settings, context } = invocation;
  if (!settings.timeoutDetection || typeof context.getRemainingTimeInMillis !== 'function')
    return () => {};
  const delayMs = invocation.remainingMs() - settings.flushDeadlineMs;
  const timer = setTimeout(
    () => guard('save the trace from a timeout', () => giveUp(invocation)),
    Math.max(delayMs, 0),
  );
  // It must not keep a handler alive that otherwise has nothing more to do.
  timer.unref();
  return () => clearTimeout(timer);
}

function giveUp(invocation: Invocation): void {
  const { span, tracing, services } = invocation;
  if (span === undefined || tracing === undefined || invocation.abandoned) return;
  invocation.abandoned = true;
  span.setTag('error', true);
  span.addTags(tags);
  if (services?.isOpen === true) services.innermost?.setTag('error', true);
  tracing.abandon(tags);
  void settle(invocation.settings.flushDeadlineMs * 10);
}
