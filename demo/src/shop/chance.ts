import { setTimeout as sleep } from 'node:timers/promises';

/** True in `probability` of all calls. */
export function sometimes(probability: number): boolean {
  return Math.random() < probability;
}

export function pick<T>(choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(Math.random() * choices.length)] ?? choices[0];
}

/**
 * A duration around `medianMs`, distributed as response times are: close to the median mostly, with a long tail.
 *
 * Log-normal with a spread of 0.5: half of all are within 30 % of the median, one in a hundred is above three times.
 */
export function aroundMs(medianMs: number): number {
  const normal =
    Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return medianMs * Math.exp(0.5 * normal);
}

/** Takes about that long, as waiting for a disk or another machine does. */
export async function takesAbout(medianMs: number): Promise<void> {
  await sleep(aroundMs(medianMs));
}

/** Keeps the processor busy for about that long, as rendering and pricing do. */
export function computesAbout(medianMs: number): void {
  const end = performance.now() + aroundMs(medianMs);
  while (performance.now() < end) Math.sqrt(end);
}
