import { callHandler } from './complete.ts';
import { readSettings, type Config, type Settings } from './config.ts';
import { extractCustom } from './context/extract.ts';
import { findDdTrace } from './delegate/dd-trace.ts';
import { answerOpenTelemetry } from './delegate/opentelemetry-provider.ts';
import { finishInvocation, type Outcome } from './finish.ts';
import {
  highWaterMark,
  streamingMark,
  type AnyFunction,
  type HandlerMarks,
  type LambdaContext,
  type RawHandler,
} from './handler-types.ts';
import { watchTimeout } from './impending-timeout.ts';
import { Invocation } from './invocation.ts';
import { watchModules } from './load/watch-modules.ts';
import { configureLog, guard } from './log.ts';
import { patchConsole } from './logs/console.ts';
import { patchFetch } from './outbound/fetch.ts';
import { patchHttp } from './outbound/http.ts';
import { setApiKey, traceConnection } from './send/deliver.ts';
import { findDestination } from './send/destination.ts';
import { resolveApiKey } from './metrics/api-key.ts';
import { watchStream } from './stream.ts';
import { shared } from './shared.ts';
import { isSpan } from './span/span.ts';

/** What a handler of any kind is called with, told apart. */
export interface HandlerArguments {
  readonly event: unknown;
  readonly context: LambdaContext;
  readonly responseStream: unknown;
}

/** Takes a handler's arguments apart: those that stream get the response in between. */
export function extractArgs(isStreaming: boolean, ...args: readonly unknown[]): HandlerArguments {
  const [event, second, third] = args;
  const context = isStreaming ? third : second;
  return {
    event,
    context: typeof context === 'object' && context !== null ? context : {},
    responseStream: isStreaming ? second : undefined,
  };
}

/**
 * Wraps a handler: each call becomes a trace that continues its caller's, with metrics and correlated logs. The result, the error
 * and the type of the handler stay what they are. A handler that is wrapped already comes back as it is.
 */
export function datadog<H extends AnyFunction>(handler: H, options?: Partial<Config>): H {
  const marks = handler as HandlerMarks;
  if (marks['_ddWrapped'] === true && options?.forceWrap !== true) return handler;
  const settings = readSettings(options);
  configureLog(settings.logger, settings.debugLogging);
  const streaming = marks[streamingMark] === 'response';
  const raw = handler as unknown as RawHandler;
  const wrapped: RawHandler & HandlerMarks = (...args) =>
    runInvocation(raw, settings, streaming, args);
  wrapped['_ddWrapped'] = true;
  // Both marks are the runtime's: without the second one it would choose its own limit.
  if (streamingMark in handler) wrapped[streamingMark] = marks[streamingMark];
  if (highWaterMark in handler) wrapped[highWaterMark] = marks[highWaterMark];
  guard('watch modules', () => watchModules(settings));
  return wrapped as unknown as H;
}

async function runInvocation(
  handler: RawHandler,
  settings: Settings,
  streaming: boolean,
  args: readonly unknown[],
): Promise<unknown> {
  const { event, context, responseStream } = extractArgs(streaming, ...args);
  const invocation = guard(
    'begin an invocation',
    () => new Invocation(settings, event, context, streaming),
  );
  const call = (): Promise<unknown> =>
    streaming
      ? (async () => handler(event, responseStream, context))()
      : callHandler(handler, event, context);
  if (invocation === undefined) return call();
  guard('prepare for sending', () => prepare(invocation));
  const custom =
    settings.traceExtractor === undefined
      ? undefined
      : await extractCustom(settings.traceExtractor, event, context);
  guard('open spans', () => invocation.open(custom));
  if (streaming) guard('watch the stream', () => watchStream(invocation, responseStream));
  const inTime = watchTimeout(invocation);
  const { span, tracing } = invocation;
  // One scope, entered once: on Node 22 each costs every promise within it. Ending by calls instead of by promises was tried: it took a
  // third more CPU on Node 24 and saved nothing measurable on Node 22.
  const own = isSpan(span) ? span : undefined;
  const delegated = own === undefined && span !== undefined && tracing !== undefined;
  let outcome: Outcome;
  try {
    const result = await shared.scopes.run({ invocation, span: own }, () =>
      delegated ? tracing.run(span, call) : call(),
    );
    outcome = { result };
  } catch (error) {
    outcome = { result: undefined, thrown: { error } };
  }
  inTime();
  const leaving = guard('end an invocation', () => finishInvocation(invocation, outcome));
  if (leaving !== undefined) await leaving.catch(() => undefined);
  if (outcome.thrown !== undefined) throw outcome.thrown.error;
  return outcome.result;
}

/** What has to be there before the handler runs, and takes its time while it does. */
function prepare({ settings }: Invocation): void {
  if (settings.injectLogContext) patchConsole();
  if (settings.autoPatchHTTP) {
    patchHttp();
    patchFetch();
  }
  if (findDestination().kind === 'server') {
    const hidden = settings.apiKeyKMS !== '' || settings.apiKeySecretARN !== '';
    setApiKey(settings.apiKey === '' && hidden ? resolveApiKey(settings) : settings.apiKey);
  }
  if (settings.traceEnabled) {
    traceConnection()?.prepare();
    if (findDdTrace() === undefined) answerOpenTelemetry();
  }
}
