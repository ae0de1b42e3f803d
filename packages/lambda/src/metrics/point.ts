/** One value of a distribution. */
export interface MetricPoint {
  readonly name: string;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly epochSeconds: number;
  readonly tags: readonly string[];
}

/** A point as a line of the log. The order of its keys is part of the format. */
export function pointLine({ name, value, epochSeconds, tags }: MetricPoint): string {
  return `${JSON.stringify({ e: epochSeconds, m: name, t: tags, v: value })}\n`;
}

/** A point as a DogStatsD datagram. */
export function pointDatagram({ name, value, epochSeconds, tags }: MetricPoint): string {
  const clean = tags.map((tag) => tag.replaceAll(/[^\w\-:/.]/g, '_'));
  const suffix = clean.length === 0 ? '' : `|#${clean.join(',')}`;
  return `${name}:${value}|d${suffix}|T${epochSeconds}`;
}

/** Points as the body of a request to the metrics API. */
export function pointsBody(points: readonly MetricPoint[]): string {
  return JSON.stringify({
    series: points.map(({ name, value, epochSeconds, tags }) => ({
      metric: name,
      points: [[epochSeconds, [value]]],
      tags,
      type: 'distribution',
    })),
  });
}
