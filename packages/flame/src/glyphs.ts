/** Marks inside a bar: drawn on a 16-unit grid at three quarters of the size. */
export type Glyph = 'error' | 'merged' | 'cold' | 'throttled';

const PATHS: Readonly<Record<Exclude<Glyph, 'error'>, string>> = {
  merged: 'M2 4c4 0 4 8 8 8h4M2 12c1.7 0 2.7-1.5 3.5-3.1M7.8 6.2C8.5 5 9 4 10 4h4',
  throttled: 'M3 12.5a6 6 0 1 1 10 0M8 9.5l2.8-3.3M2.2 9.5h1.6M12.2 9.5h1.6M8 3.2v1.5',
  cold: 'M8 2v12M2.8 5l10.4 6M13.2 5 2.8 11M6.5 3.2 8 4.5l1.5-1.3M6.5 12.8 8 11.5l1.5 1.3',
};
const parsed = new Map<Glyph, Path2D>();

/** Draws a glyph 12 px wide with its left edge at `x`, centred on `y`. */
export function drawGlyph(
  ctx: CanvasRenderingContext2D,
  glyph: Glyph,
  x: number,
  y: number,
  colour: string,
  onColour: string,
): void {
  if (glyph === 'error') {
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.arc(x + 6, y, 6, 0, Math.PI * 2);
    ctx.fill();
    ctx.fillStyle = onColour;
    ctx.fillRect(x + 5.25, y - 3.5, 1.5, 4.5);
    ctx.fillRect(x + 5.25, y + 2, 1.5, 1.5);
    return;
  }
  let path = parsed.get(glyph);
  if (path === undefined) {
    path = new Path2D(PATHS[glyph]);
    parsed.set(glyph, path);
  }
  ctx.save();
  ctx.translate(x, y - 6);
  ctx.scale(0.75, 0.75);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.stroke(path);
  ctx.restore();
}
