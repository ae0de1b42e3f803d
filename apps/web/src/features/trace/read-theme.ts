import { type FlameTheme, PALETTE_SIZE } from '@spanloom/flame';

/** The style sheet's colours, resolved for the canvas. */
function readFlameTheme(): FlameTheme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  const slots = Array.from({ length: PALETTE_SIZE }, (_, i) => i + 1);
  return {
    fills: slots.map((slot) => value(`--span-${slot}`)),
    edges: slots.map((slot) => value(`--span-${slot}-edge`)),
    ink: value('--span-ink'),
    panel: value('--surface-panel'),
    grid: value('--border-faint'),
    border: value('--border-control'),
    text: value('--text'),
    textSoft: value('--text-soft'),
    textFaint: value('--text-faint'),
    error: value('--error'),
    onError: value('--on-error'),
    warn: value('--warn'),
    accent: value('--accent-text'),
    font: `11px ${value('--font-ui')}`,
  };
}

/** Bar and line heights in px, from the density tokens. */
function readBarSizes(): {
  readonly bar: number;
  readonly line: number;
  readonly waterfallRow: number;
} {
  const style = getComputedStyle(document.documentElement);
  const pixels = (name: string): number => Number.parseFloat(style.getPropertyValue(name)) || 0;
  const bar = pixels('--bar-height') || 20;
  return {
    bar,
    line: bar + (pixels('--bar-gap') || 2),
    waterfallRow: pixels('--waterfall-row') || 22,
  };
}

/** Colours and sizes of one look. */
export interface FlameLook {
  readonly theme: FlameTheme;
  readonly sizes: ReturnType<typeof readBarSizes>;
}

const looks = new Map<string, FlameLook>();

/** What the style sheet says under the look that is on the document now, read once per look. */
export function flameLook(look: string): FlameLook {
  let found = looks.get(look);
  if (found === undefined) {
    found = { theme: readFlameTheme(), sizes: readBarSizes() };
    looks.set(look, found);
  }
  return found;
}
