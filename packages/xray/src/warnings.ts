/** What happened once is no news a day later. */
const KEPT_MS = 24 * 3_600_000;

interface Occurrence {
  /** Of the first time. */
  readonly sentence: string;
  readonly times: number;
  readonly lastMs: number;
}

/** What a reader should know about a region: how things are, until they are no more, and what has happened, for a day. */
export class Warnings {
  readonly #standing = new Map<string, string>();
  readonly #occurrences = new Map<string, Occurrence>();

  /** Sets how a thing is, or with undefined takes it back. @returns Whether it was not so before. */
  set(topic: string, sentence: string | undefined): boolean {
    if (sentence === undefined) {
      this.#standing.delete(topic);
      return false;
    }
    const isNew = !this.#standing.has(topic);
    this.#standing.set(topic, sentence);
    return isNew;
  }

  /** Something has happened, once more perhaps. @returns Whether it had not for a day. */
  happened(topic: string, sentence: string, nowMs: number): boolean {
    const known = this.#occurrences.get(topic);
    const goesOn = known !== undefined && nowMs - known.lastMs < KEPT_MS;
    this.#occurrences.set(
      topic,
      goesOn
        ? { sentence: known.sentence, times: known.times + 1, lastMs: nowMs }
        : { sentence, times: 1, lastMs: nowMs },
    );
    return !goesOn;
  }

  /** A sentence each. */
  list(nowMs: number): readonly string[] {
    const recent: string[] = [];
    for (const [topic, { sentence, times, lastMs }] of this.#occurrences) {
      if (nowMs - lastMs >= KEPT_MS) this.#occurrences.delete(topic);
      else
        recent.push(
          `${sentence} (${times === 1 ? 'once, at' : `${times} times, last at`} ${iso(lastMs)})`,
        );
    }
    return [...this.#standing.values(), ...recent];
  }
}

/** To the second. */
function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
