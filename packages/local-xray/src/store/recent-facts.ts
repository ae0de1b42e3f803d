import { traceFacts, type TraceFacts } from './trace-facts.ts';
import type { TraceRecord } from './trace-record.ts';

/** How many traces stay parsed. Windows of crawlers overlap, so what was just listed is soon listed again. */
const limit = 2000;

/** The facts of traces that were looked at recently: parsing all of a hundred thousand would take gigabytes. */
export class RecentFacts {
  readonly #account: string;
  readonly #kept = new Map<TraceRecord, { revision: number; facts: TraceFacts }>();

  constructor(account: string) {
    this.#account = account;
  }

  of(trace: TraceRecord, now: number): TraceFacts {
    const revision = trace.revision(now);
    const kept = this.#kept.get(trace);
    if (kept?.revision === revision) return kept.facts;
    const facts = traceFacts(trace.compiled(now, 'classic'), this.#account);
    this.#kept.delete(trace);
    this.#kept.set(trace, { revision, facts });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > limit && oldest !== undefined) this.#kept.delete(oldest);
    return facts;
  }
}
