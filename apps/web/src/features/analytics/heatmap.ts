import { stepOf } from '../../data/duration-steps.ts';

/** How strongly a cell is painted, 0 to 1: by the square root, so that few spans beside many still show. */
export function shade(count: number, most: number): number {
  if (count <= 0) return 0;
  return 0.14 + 0.86 * Math.sqrt(count / Math.max(1, most));
}

/** The cell that holds a moment and a duration. */
export function cellAt(
  { edges, times }: { readonly edges: readonly number[]; readonly times: readonly number[] },
  intervalMs: number,
  { ms, ns }: { readonly ms: number; readonly ns: number },
): { readonly column: number; readonly row: number } | undefined {
  const column = Math.floor((ms - (times[0] ?? 0)) / intervalMs);
  const row = edges.length === 0 ? -1 : stepOf(edges, ns);
  return column < 0 || column >= times.length || row === -1 ? undefined : { column, row };
}
