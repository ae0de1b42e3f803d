import { formatDuration } from '@spanloom/flame';
import { formatCount } from '../../ui/format.ts';
import { type Compute, isDuration } from './model.ts';

/** A figure in its unit: `12.3k`, `146 ms`, `0.25`; a dash where there is none. */
export function formatFigure(value: number | null | undefined, compute: Compute): string {
  if (value === null || value === undefined) return '–';
  if (isDuration(compute)) return formatDuration(value);
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return formatCount(value);
  return String(Number(value.toPrecision(3)));
}
