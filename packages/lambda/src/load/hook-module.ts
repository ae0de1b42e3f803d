import { rememberOpenTelemetry } from '../delegate/opentelemetry-provider.ts';
import { hookAwsSdk } from '../outbound/aws-sdk.ts';
import { hookBunyan, hookPino, hookWinston } from '../logs/loggers.ts';

/** Modules that we change, by the package that a `require` names, directly or as a path. */
const hooks: Readonly<Record<string, (exports: never) => unknown>> = {
  pino: hookPino,
  winston: hookWinston,
  bunyan: hookBunyan,
  '@smithy/smithy-client': hookAwsSdk,
  '@smithy/core': hookAwsSdk,
  '@opentelemetry/api': rememberOpenTelemetry,
};

const seen = new WeakSet<object>();
const named =
  /(?:^|\/node_modules\/)(pino|winston|bunyan|@opentelemetry\/api|@smithy\/(?:smithy-client|core))(?:$|\/(?:lib|build|dist|dist-cjs|submodules|pino|index|client)[^]*$)/;

/** Changes a module that was just loaded, if it is one of those; the result, if there is one, replaces its exports. */
export function hookModule(request: string, exports: unknown): unknown {
  const name = named.exec(request)?.[1];
  if (name === undefined || exports === null || seen.has(exports as object)) return undefined;
  if (typeof exports !== 'object' && typeof exports !== 'function') return undefined;
  seen.add(exports);
  return hooks[name]!(exports as never);
}
