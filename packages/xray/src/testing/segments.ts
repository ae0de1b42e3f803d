/** An id of X-Ray that was made at `ms`. */
export function traceId(ms: number, number: number): string {
  const seconds = Math.floor(ms / 1000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${number.toString(16).padStart(24, '0')}`;
}

/** A finished root segment with `children` subsegments, from `startMs` on. */
export function segment(
  xrayId: string,
  startMs: number,
  options: {
    readonly id?: string;
    readonly parentId?: string;
    readonly children?: number;
    readonly inProgress?: boolean;
    readonly extra?: Readonly<Record<string, unknown>>;
  } = {},
): string {
  const { id = '00000000000000aa', parentId, children = 0, inProgress = false } = options;
  const start = startMs / 1000;
  return JSON.stringify({
    trace_id: xrayId,
    id,
    name: 'orders',
    start_time: start,
    ...(inProgress ? { in_progress: true } : { end_time: start + 1 }),
    ...(parentId !== undefined && { parent_id: parentId }),
    ...(children > 0 && {
      subsegments: Array.from({ length: children }, (_, index) => ({
        id: (0xb000 + index).toString(16).padStart(16, '0'),
        name: `step ${index}`,
        start_time: start,
        end_time: start + 0.5,
      })),
    }),
    ...options.extra,
  });
}
