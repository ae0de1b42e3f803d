/** A call that arrived. */
export interface Call {
  /** Epoch milliseconds, by the clock of the service. */
  readonly at: number;
  readonly operation: string;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly principal: string | undefined;
  /** The trace ids that it named. */
  readonly ids: readonly string[];
  /** The name of the error it was answered with; `ConnectionReset` where it got no answer. */
  readonly error: string | undefined;
}

/** Every call that arrived, in order of its answer. */
export class CallLog {
  #calls: Call[] = [];

  get all(): readonly Call[] {
    return this.#calls;
  }

  /** The calls of one operation. */
  of(operation: string): readonly Call[] {
    return this.#calls.filter((one) => one.operation === operation);
  }

  add(call: Call): void {
    this.#calls.push(call);
  }

  clear(): void {
    this.#calls = [];
  }
}
