/** Ticks of a time ruler. */
export interface Ticks {
  /** Distance between two, ns. */
  readonly stepNs: number;
  /** First tick at or after the start of the window, ns. */
  readonly firstNs: number;
  readonly count: number;
}

/** Ticks at round times, as many as fit when each needs `spacing` pixels. */
export function rulerTicks(startNs: number, endNs: number, width: number, spacing = 100): Ticks {
  const span = Math.max(1, endNs - startNs);
  const atLeast = span / Math.max(1, Math.floor(width / spacing));
  const stepNs = roundStep(atLeast);
  const firstNs = Math.ceil(startNs / stepNs) * stepNs;
  return { stepNs, firstNs, count: Math.max(0, Math.floor((endNs - firstNs) / stepNs) + 1) };
}

const CLOCK_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

function roundStep(atLeastNs: number): number {
  if (atLeastNs > 30e9) {
    const seconds = atLeastNs / 1e9;
    const step = CLOCK_STEPS.find((candidate) => candidate >= seconds);
    return (step ?? Math.ceil(seconds / 86_400) * 86_400) * 1e9;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(1, atLeastNs)));
  for (const factor of [1, 2, 5, 10])
    if (power * factor >= atLeastNs) return Math.min(power * factor, 60e9);
  return power * 10;
}

/** The label of a tick: `0`, `200 ms`, `1.2 s`, with the digits that tell it from its neighbours. */
export function formatTick(ns: number, stepNs: number): string {
  if (ns === 0) return '0';
  if (stepNs >= 60e9) return clock(Math.round(ns / 1e9));
  const size = Math.abs(ns);
  const [unit, scale]: readonly [string, number] =
    size >= 1e9 ? ['s', 1e9] : size >= 1e6 ? ['ms', 1e6] : size >= 1e3 ? ['µs', 1e3] : ['ns', 1];
  const digits = Math.max(0, Math.ceil(Math.log10(scale) - Math.log10(stepNs) - 1e-9));
  return `${(ns / scale).toFixed(digits)}\u00a0${unit}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function clock(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}h ${two(minutes)}m` : `${minutes}m ${two(seconds % 60)}s`;
}
