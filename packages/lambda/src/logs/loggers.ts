// Loggers that write records of their own get the ids as a field `dd`. One that the function set itself is kept.
import { traceIdHex } from '../context/trace-context.ts';
import { findDdTrace } from '../delegate/dd-trace.ts';
import { booleanSetting } from '../environment.ts';
import { currentInvocation } from '../shared.ts';

type Fields = Record<string | symbol, unknown>;
type Method = (this: unknown, ...args: unknown[]) => unknown;

let long: boolean | undefined;

/** The field's value; `undefined` where there is nothing to correlate, or where `dd-trace` does it. */
function correlation(): Record<string, string> | undefined {
  const invocation = currentInvocation();
  if (invocation?.settings.injectLogContext !== true || findDdTrace() !== undefined)
    return undefined;
  const position = invocation.position();
  if (position === undefined) return undefined;
  const { service, version, env } = invocation.settings;
  long ??= booleanSetting('TRACE_128_BIT_TRACEID_LOGGING_ENABLED', true);
  return {
    trace_id: long && position.traceHigh !== '' ? traceIdHex(position) : String(position.traceId),
    span_id: String(position.spanId),
    service: service ?? invocation.functionName,
    ...(version === undefined ? {} : { version }),
    ...(env === undefined ? {} : { env }),
  };
}

/** Loggers that `pino()` makes ask a mixin for further fields. */
export function hookPino(exports: object): unknown {
  const { symbols } = exports as { symbols?: { mixinSym?: symbol } };
  const mixin = symbols?.mixinSym;
  if (mixin === undefined) return undefined;
  const proxy: unknown = new Proxy(exports, {
    apply(target, self, args) {
      const logger = (target as Method).apply(self, args as unknown[]) as Fields;
      const own = logger[mixin] as Method | undefined;
      logger[mixin] = function (this: unknown, ...inputs: unknown[]): object {
        const fields = own?.apply(this, inputs) as Fields | undefined;
        const dd = correlation();
        return dd === undefined ? { ...fields } : { dd, ...fields };
      };
      return logger;
    },
    get(target, key) {
      // The package exports itself under these names too.
      const value: unknown = Reflect.get(target, key);
      return value === target ? proxy : value;
    },
  });
  return proxy;
}

/** Records of winston pass through a stream. */
export function hookWinston(exports: { Logger?: { prototype: Fields } }): void {
  wrap(exports.Logger?.prototype, '_transform', (args) => {
    const [info, ...rest] = args;
    const dd = correlation();
    if (dd === undefined || typeof info !== 'object' || info === null || 'dd' in info) return args;
    // A copy: the record may be the function's own object.
    return [
      Object.assign(Object.create(Object.getPrototypeOf(info) as object), info, { dd }),
      ...rest,
    ];
  });
}

/** Records of bunyan are made for each call. */
export function hookBunyan(exports: { prototype?: Fields }): void {
  wrap(exports.prototype, '_emit', (args) => {
    const dd = correlation();
    const record = args[0] as Fields | undefined;
    if (dd !== undefined && record !== undefined) record['dd'] ??= dd;
    return args;
  });
}

function wrap(
  prototype: Fields | undefined,
  method: string,
  change: (args: unknown[]) => unknown[],
): void {
  const original = prototype?.[method] as Method | undefined;
  if (prototype === undefined || typeof original !== 'function') return;
  prototype[method] = function (this: unknown, ...args: unknown[]): unknown {
    return original.apply(this, change(args));
  };
}
