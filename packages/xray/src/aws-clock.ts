/** The `Date` of an answer has whole seconds, rounded down. */
const RESOLUTION_MS = 1000;

/**
 * How far AWS's clock is from ours, as the dates of its answers tell.
 *
 * An answer was dated after its request was sent and before it arrived here, so it bounds the difference from both sides. What is
 * known is moved into those bounds and no further: while the clocks agree the difference stays 0, and a slow answer says little.
 */
export class AwsClock {
  #offsetMs = 0;

  /** What to add to our time for AWS's, ms. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /**
   * Learns from an answer.
   * @param date Its `Date` header. One that cannot be read is left out.
   * @param sentMs By our clock.
   * @param receivedMs By our clock.
   */
  answered(date: string | undefined, sentMs: number, receivedMs: number): void {
    const dateMs = Date.parse(date ?? '');
    // Set back meanwhile, our clock says nothing about how long it took.
    if (Number.isNaN(dateMs) || receivedMs < sentMs) return;
    const least = dateMs - receivedMs;
    const most = dateMs + RESOLUTION_MS - sentMs;
    this.#offsetMs = Math.min(most, Math.max(least, this.#offsetMs));
  }
}

/** Seconds that the clocks may differ unmentioned. */
const TOLERATED_S = 5;

/** That our clock is off, in a sentence; undefined when it is not by much. */
export function clockWarning(offsetMs: number): string | undefined {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (seconds <= TOLERATED_S) return undefined;
  return (
    `This machine's clock is ${seconds} s ${offsetMs < 0 ? 'ahead of' : 'behind'} AWS's. Traces are listed by AWS's clock, so that ` +
    'none is passed over; times that tracers here report are off: set the clock, for example by NTP'
  );
}
