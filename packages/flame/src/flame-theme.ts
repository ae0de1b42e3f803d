/** Colours and type of a flame graph, as resolved values: canvas knows no CSS variables. */
export interface FlameTheme {
  /** Fill of each palette slot, `#rrggbb`. */
  readonly fills: readonly string[];
  /** Edge of each palette slot, `#rrggbb`. */
  readonly edges: readonly string[];
  /** Text on a fill. */
  readonly ink: string;
  readonly panel: string;
  readonly grid: string;
  readonly border: string;
  readonly text: string;
  readonly textSoft: string;
  readonly textFaint: string;
  readonly error: string;
  readonly onError: string;
  /** Outline of what only the caller did wrong. */
  readonly warn: string;
  readonly accent: string;
  /** A CSS `font` value of 11 px. */
  readonly font: string;
}

/** `a` and `b` mixed, `share` of 1 being all `a`. Both `#rrggbb`; anything else gives `a`. */
export function mixColours(a: string, b: string, share: number): string {
  const first = channels(a);
  const second = channels(b);
  if (first === undefined || second === undefined) return a;
  const mixed = first.map((value, i) => Math.round(value * share + second[i]! * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function channels(colour: string): readonly number[] | undefined {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim());
  if (hex === null) return undefined;
  return [Number.parseInt(hex[1]!, 16), Number.parseInt(hex[2]!, 16), Number.parseInt(hex[3]!, 16)];
}
