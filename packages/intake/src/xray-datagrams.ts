import { DecodeError, LimitError, OverloadedError } from '@spanloom/base';
import type { Registry } from 'prom-client';
import type { IntakeParts } from './intake-parts.ts';
import { Tally } from './tally.ts';
import { type DatagramProblem, parseDatagram } from './xray-datagram.ts';

/** Documents that wait for the sink at once. With 64 kB each, the most that UDP allows, they take 64 MB. */
export const MAX_WAITING_DOCUMENTS = 1024;

/** What counts arriving documents in place of a path. */
const ENDPOINT = 'xray-udp';

type DropReason =
  | DatagramProblem
  | 'DecodingError'
  | 'EOF'
  | 'Internal'
  | 'Overloaded'
  | 'Refused'
  | 'TooLarge';

/** Counters of the listener. A registry takes each name once, and listeners may come and go. */
interface XRayCounters {
  readonly received: Tally;
  readonly dropped: Tally;
}

const known = new WeakMap<Registry, XRayCounters>();

function countersOf(registry: Registry): XRayCounters {
  let counters = known.get(registry);
  if (counters === undefined) {
    const name = 'spanloom_receiver_xray_datagrams';
    counters = {
      received: new Tally(registry, `${name}_total`, 'Datagrams that came to the X-Ray port'),
      dropped: new Tally(registry, `${name}_dropped_total`, 'Datagrams not stored, by reason', [
        'reason',
      ]),
    };
    known.set(registry, counters);
  }
  return counters;
}

/**
 * Takes datagrams of the X-Ray daemon protocol to the sink. There is no way to answer one, so nothing is ever thrown: what
 * cannot be used is counted by reason, and what comes faster than the sink takes it is dropped and counted, as the daemon does.
 */
export class XRayDatagrams {
  readonly #parts: IntakeParts;
  readonly #counters: XRayCounters;
  readonly #waiting = new Set<Promise<void>>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#counters = countersOf(parts.options.registry);
  }

  readonly take = (datagram: Uint8Array): void => {
    this.#counters.received.add(1);
    const parsed = parseDatagram(datagram);
    if (!parsed.ok) return this.#drop(parsed.problem);
    if (this.#waiting.size >= MAX_WAITING_DOCUMENTS) return this.#drop('Overloaded');
    const storing = this.#store(parsed.document, datagram.length);
    this.#waiting.add(storing);
    void storing.finally(() => this.#waiting.delete(storing));
  };

  /** Resolves when everything taken so far is stored or dropped. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  async #store(document: Uint8Array, wireBytes: number): Promise<void> {
    const { budget, receiver, options } = this.#parts;
    const lease = budget.lease();
    try {
      // A sender of datagrams does not wait, so neither does its document.
      if (!lease.tryGrow(wireBytes)) return this.#drop('Overloaded');
      const outcome = await receiver.receive(
        { format: 'xray-segment-json', body: document, headers: {}, endpoint: ENDPOINT, wireBytes },
        lease,
      );
      if (outcome.spans === 0) this.#drop('Refused');
    } catch (error) {
      const reason = dropReason(error);
      if (reason === 'Internal') options.reportError(error, 'storing an X-Ray segment');
      this.#drop(reason);
    } finally {
      lease.release();
    }
  }

  #drop(reason: DropReason): void {
    this.#counters.dropped.add(1, reason);
  }
}

function dropReason(error: unknown): DropReason {
  if (error instanceof DecodeError) return error.reason;
  if (error instanceof OverloadedError) return 'Overloaded';
  return error instanceof LimitError ? 'TooLarge' : 'Internal';
}
