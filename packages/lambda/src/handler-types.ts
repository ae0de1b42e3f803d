// Types of handlers, kept loose on purpose: any function that Lambda could call can be wrapped and keeps its type.

/** Any function. */
export type AnyFunction = (...args: never[]) => unknown;

/** A handler as the wrapper calls it. */
export type RawHandler = (...args: unknown[]) => unknown;

/** Marks a handler that streams its response; the runtime's own symbol. */
export const streamingMark: unique symbol = Symbol.for(
  'aws.lambda.runtime.handler.streaming',
) as never;

/** How much a streaming handler may write ahead. */
export const highWaterMark: unique symbol = Symbol.for(
  'aws.lambda.runtime.handler.streaming.highWaterMark',
) as never;

/** What handlers may carry beside being functions. */
export interface HandlerMarks {
  [streamingMark]?: unknown;
  [highWaterMark]?: unknown;
  _ddWrapped?: boolean;
}

/** What Lambda gives a handler beside its event, as far as we use it. Any of it may be absent in a test of the function's own. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  readonly functionName?: string;
  readonly functionVersion?: string;
  readonly invokedFunctionArn?: string;
  readonly memoryLimitInMB?: string;
  readonly clientContext?: unknown;
  getRemainingTimeInMillis?: () => number;
  callbackWaitsForEmptyEventLoop?: boolean;
  done?: unknown;
  succeed?: unknown;
  fail?: unknown;
}
