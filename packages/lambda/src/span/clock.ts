let epochMs = Date.now();
let tickMs = performance.now();

/** Ties the steady clock to the wall again. A frozen sandbox leaves the two apart. */
export function setClock(): void {
  epochMs = Date.now();
  tickMs = performance.now();
}

/** Milliseconds since the epoch with a fraction, never running backwards within an invocation. */
export function nowMs(): number {
  return epochMs + (performance.now() - tickMs);
}
