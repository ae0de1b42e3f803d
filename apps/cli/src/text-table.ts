import type { Output, Tone } from './output.ts';
import { clip } from './plain-text.ts';

/** A cell; `tone` colours it without counting towards its width. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const GAP = '  ';

/** Rows in columns as wide as what is in them; the last column takes what is left of `width` and is cut there. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  output: Output,
  width: number = output.width,
): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => textOf(row[column]).length)),
  );
  const last = widths.length - 1;
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, 0);
  widths[last] = Math.max(Math.min(widths[last]!, width - before), headings[last]!.length);
  const line = (cells: readonly Cell[], heading: boolean): string =>
    cells
      .map((cell, column) => {
        const text = clip(textOf(cell), widths[column]!);
        const padding = column === last ? '' : ' '.repeat(widths[column]! - text.length);
        const tone = heading ? 'strong' : typeof cell === 'string' ? undefined : cell.tone;
        return (tone === undefined ? text : output.tone(tone, text)) + padding;
      })
      .join(GAP)
      .trimEnd();
  return [line(headings, true), ...rows.map((row) => line(row, false))];
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.text ?? '');
}
