import { shared } from './shared.ts';

/** How this process came to serve its first invocation. */
export interface Start {
  readonly cold: boolean;
  /** Initialised ahead of any invocation. */
  readonly proactive: boolean;
  readonly initType: string | undefined;
}

/** A process that waited longer for its first event was started ahead of it. */
const proactiveAfterMs = 10_000;

/** Called once per invocation: only the first one can be a cold start. */
export function noteInvocation(nowMs: number): Start {
  const initType = process.env['AWS_LAMBDA_INITIALIZATION_TYPE'];
  if (shared.invoked) return { cold: false, proactive: false, initType };
  shared.invoked = true;
  const proactive =
    initType === 'provisioned-concurrency' ||
    ((initType === undefined || initType === 'on-demand') &&
      nowMs - shared.loadedAtMs > proactiveAfterMs);
  return { cold: !proactive, proactive, initType };
}
