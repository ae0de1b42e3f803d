import { redirectedHandler } from './index.ts';

/** The handler that `DD_LAMBDA_HANDLER` names, wrapped. Awaited here: the runtime wants a function, not a promise of one. */
export const handler: (...args: never[]) => unknown = await redirectedHandler();
