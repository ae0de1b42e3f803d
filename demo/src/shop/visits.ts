/** A day of the shop passes in ten minutes, so that a newcomer sees traffic come and go. */
const dayMs = 600_000;
const averagePerSecond = 0.8;

/**
 * How many people enter the shop per second at `epochMs`.
 *
 * A calm night, a busy afternoon and a smaller rush in the evening: between 0.3 and 1.5.
 */
export function visitsPerSecond(epochMs: number): number {
  const hour = ((epochMs % dayMs) / dayMs) * 2 * Math.PI;
  return averagePerSecond * (1 - 0.5 * Math.cos(hour) + 0.25 * Math.sin(2 * hour + 1));
}
