import { currentInvocation, firstPatch } from '../shared.ts';
import { guard } from '../log.ts';

const methods = ['log', 'info', 'debug', 'error', 'warn', 'trace'] as const;

/**
 * Puts the ids of the current span before what a function logs, once per process. Outside an invocation, and where an invocation
 * does not want it, lines stay as they are.
 */
export function patchConsole(): void {
  if (!firstPatch('console')) return;
  let busy = false;
  for (const method of methods) {
    const original = console[method];
    console[method] = function (this: unknown, ...args: unknown[]): void {
      // What our own code logs while it looks for the ids must not come back here.
      if (!busy) {
        busy = true;
        args = guard('correlate a log line', () => correlate(args)) ?? args;
        busy = false;
      }
      original.apply(this, args);
    };
  }
}

function correlate(args: unknown[]): unknown[] {
  const invocation = currentInvocation();
  if (invocation?.settings.injectLogContext !== true) return args;
  const position = invocation.position();
  if (position === undefined) return args;
  const trace_id = String(position.traceId);
  const span_id = String(position.spanId);
  const [first, ...rest] = args;
  if (args.length === 1 && isPlain(first)) {
    const own: unknown = first['dd'];
    return [{ ...first, dd: { ...(isPlain(own) ? own : {}), trace_id, span_id } }];
  }
  // With JSON logs the runtime makes a record out of the arguments: a prefix would spoil its message.
  if (process.env['AWS_LAMBDA_LOG_FORMAT'] === 'JSON') return args;
  const prefix = `[dd.trace_id=${trace_id} dd.span_id=${span_id}]`;
  if (args.length === 0) return [prefix];
  // Only a text can be a format; everything else is left to `console`, which prints errors and lists better than we could.
  return typeof first === 'string' ? [`${prefix} ${first}`, ...rest] : [prefix, ...args];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
