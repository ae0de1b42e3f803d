import type { XRayCalls } from './xray-calls.ts';

/** Calls that know more of AWS than their answers say. Where they do not, it is taken to be as it should. */
export interface WatchedCalls extends XRayCalls {
  /** What to add to our time for AWS's, ms. */
  clockOffsetMs?(): number;
  /** From now on refuses to make calls with credentials that are known to be of another account. */
  demandAccount?(account: string): void;
}
