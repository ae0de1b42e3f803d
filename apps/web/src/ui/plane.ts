/** Time across and duration upwards, in px. */
export interface Plane {
  readonly fromMs: number;
  readonly toMs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly xOf: (ms: number) => number;
  readonly yOf: (ns: number) => number;
  readonly msAt: (x: number) => number;
  readonly nsAt: (y: number) => number;
}

const MARGIN = { left: 56, right: 8, top: 8, bottom: 20 } as const;

/** Lays a plane into an area, with room for its axes. */
export function planeOf(area: {
  readonly width: number;
  readonly height: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly minNs: number;
  readonly maxNs: number;
}): Plane {
  const { width, height, fromMs, toMs } = area;
  const minNs = Math.max(1, area.minNs);
  const maxNs = Math.max(minNs * 10, area.maxNs);
  const { left, top } = MARGIN;
  const right = Math.max(left + 1, width - MARGIN.right);
  const bottom = Math.max(top + 1, height - MARGIN.bottom);
  const low = Math.log(minNs);
  const span = Math.log(maxNs) - low;
  const length = Math.max(1, toMs - fromMs);
  return {
    fromMs,
    toMs,
    minNs,
    maxNs,
    left,
    right,
    top,
    bottom,
    xOf: (ms) => left + ((ms - fromMs) / length) * (right - left),
    yOf: (ns) => bottom - ((Math.log(Math.max(ns, minNs)) - low) / span) * (bottom - top),
    msAt: (x) => fromMs + ((x - left) / (right - left)) * length,
    nsAt: (y) => Math.exp(low + ((bottom - y) / (bottom - top)) * span),
  };
}

/** Powers of ten between two values, both included. */
export function powersWithin(min: number, max: number): readonly number[] {
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(min) - 1e-9); 10 ** power <= max * (1 + 1e-9); power++) {
    powers.push(10 ** power);
  }
  return powers;
}

const STEPS_MS: readonly number[] = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  172_800, 604_800,
].map((seconds) => seconds * 1000);

/** Round instants between two, no more than so many. */
export function timesWithin(fromMs: number, toMs: number, most: number): readonly number[] {
  const step = STEPS_MS.find((each) => (toMs - fromMs) / each <= most) ?? STEPS_MS.at(-1)!;
  const first = Math.ceil(fromMs / step) * step;
  const times: number[] = [];
  for (let ms = first; ms <= toMs && times.length < most + 1; ms += step) times.push(ms);
  return times;
}
