import type { CriticalPath } from './critical-path.ts';
import { drawGlyph } from './glyphs.ts';
import { firstEndingAfter, type FlameFrame, xOf } from './flame-frame.ts';
import { type FlameTheme, mixColours } from './flame-theme.ts';
import { formatDuration } from './format-duration.ts';
import type { Grouping } from './grouping.ts';
import type { FlameRows } from './pack-rows.ts';
import { rulerTicks } from './ticks.ts';
import { Flag } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

/** How a row takes part in the picture. */
export const Emphasis = {
  normal: 0,
  /** Does not match the search or filter. */
  dimmed: 1,
  /** Its group is switched off: a thread that keeps the place of its descendants. */
  hidden: 2,
} as const;

/** What is drawn, apart from where. */
export interface FlameScene {
  readonly model: TraceModel;
  readonly rows: FlameRows;
  readonly grouping: Grouping;
  /** Text on a bar. */
  readonly label: (row: number) => string;
  /** An `Emphasis` per row, or undefined when all are normal. */
  readonly emphasis: Uint8Array | undefined;
  readonly criticalPath: CriticalPath | undefined;
  /** Rows that have just arrived, 1 each, and how far they have faded in, 0 to 1. */
  readonly arriving?: { readonly rows: Uint8Array; readonly share: number } | undefined;
  readonly hover: number;
  readonly selected: number;
  /** A note on the dashed line where the root ended while work went on, or undefined. */
  readonly afterRoot: { readonly ns: number; readonly note: string } | undefined;
}

const LABEL_MIN_PX = 30;
const DURATION_MIN_PX = 80;
const THREAD_PX = 7;
/** A selvedge of stitches tells OpenTelemetry's spans, of one piece those of an APM tracer. */
const STITCH_PX = 3;
const STITCH_GAP_PX = 2;

/**
 * Draws flame graphs. Bars outside the window cost a binary search per line; bars under a pixel are summed into a density
 * strip per line. A frame allocates nothing per span: the scratch columns grow with the width of the canvas only.
 */
export class FlamePainter {
  readonly #theme: FlameTheme;
  readonly #textWidths = new Map<string, number>();
  readonly #hatches = new Map<number, CanvasPattern | string>();
  readonly #inferredFills: readonly string[];
  readonly #hiddenFills: readonly string[];
  #cover = new Float32Array(0);
  #slots = new Uint8Array(0);
  #failed = new Uint8Array(0);

  constructor(theme: FlameTheme) {
    this.#theme = theme;
    this.#inferredFills = theme.fills.map((fill) => mixColours(fill, theme.panel, 0.26));
    this.#hiddenFills = theme.fills.map((fill) => mixColours(fill, theme.panel, 0.14));
  }

  /** Draws one frame. The context's transform already maps CSS pixels to device pixels. */
  paint(ctx: CanvasRenderingContext2D, scene: FlameScene, frame: FlameFrame): void {
    const theme = this.#theme;
    ctx.fillStyle = theme.panel;
    ctx.fillRect(0, 0, frame.width, frame.height);
    this.#paintGrid(ctx, frame);
    ctx.font = theme.font;
    ctx.textBaseline = 'middle';
    this.#paintConnectors(ctx, scene, frame);
    const first = Math.max(0, Math.floor((frame.scrollTop - frame.top) / frame.lineHeight));
    const last = Math.min(
      scene.rows.lines - 1,
      Math.floor((frame.scrollTop + frame.height - frame.top) / frame.lineHeight),
    );
    for (let line = first; line <= last; line++) this.#paintLine(ctx, scene, frame, line);
    if (scene.criticalPath !== undefined)
      this.#paintCriticalPath(ctx, scene, frame, scene.criticalPath);
    if (scene.afterRoot !== undefined) this.#paintAfterRoot(ctx, frame, scene.afterRoot);
    if (scene.hover !== -1 && scene.hover !== scene.selected)
      this.#paintRing(ctx, scene, frame, scene.hover, false);
    if (scene.selected !== -1) this.#paintRing(ctx, scene, frame, scene.selected, true);
  }

  #paintGrid(ctx: CanvasRenderingContext2D, frame: FlameFrame): void {
    const ticks = rulerTicks(frame.window.startNs, frame.window.endNs, frame.width);
    ctx.fillStyle = this.#theme.grid;
    for (let i = 0; i < ticks.count; i++) {
      const x = Math.round(xOf(frame, ticks.firstNs + i * ticks.stepNs));
      if (x > 0) ctx.fillRect(x, 0, 1, frame.height);
    }
  }

  #paintLine(
    ctx: CanvasRenderingContext2D,
    scene: FlameScene,
    frame: FlameFrame,
    line: number,
  ): void {
    const { model, rows } = scene;
    const y = frame.top + line * frame.lineHeight - frame.scrollTop;
    const pixelNs = (frame.window.endNs - frame.window.startNs) / frame.width;
    const stop = rows.lineStart[line + 1]!;
    this.#clearDensity(frame.width);
    let dense = false;
    for (
      let i = firstEndingAfter(model, rows, line, frame.window.startNs - pixelNs);
      i < stop;
      i++
    ) {
      const row = rows.items[i]!;
      const start = model.start[row]!;
      if (start > frame.window.endNs) break;
      const end = model.end[row]!;
      if (end - start < pixelNs) {
        this.#addDensity(scene, row, xOf(frame, start), (end - start) / pixelNs);
        dense = true;
      } else {
        this.#paintBar(ctx, scene, frame, row, y);
      }
    }
    if (dense) this.#paintDensity(ctx, frame, y);
  }

  #clearDensity(width: number): void {
    const columns = Math.ceil(width) + 1;
    if (this.#cover.length < columns) {
      this.#cover = new Float32Array(columns);
      this.#slots = new Uint8Array(columns);
      this.#failed = new Uint8Array(columns);
    } else {
      this.#cover.fill(0);
      this.#failed.fill(0);
    }
  }

  #addDensity(scene: FlameScene, row: number, x: number, share: number): void {
    const column = Math.max(0, Math.min(this.#cover.length - 1, Math.floor(x)));
    const dim = scene.emphasis !== undefined && scene.emphasis[row] !== Emphasis.normal;
    const weight = dim ? share * 0.3 : share;
    if (this.#cover[column] === 0 || weight > this.#cover[column]! / 2) {
      this.#slots[column] = scene.grouping.groups[scene.grouping.of[row]!]!.slot;
    }
    // An instant span still leaves a mark.
    this.#cover[column] = Math.min(1, this.#cover[column]! + Math.max(weight, 0.12));
    if ((scene.model.flags[row]! & Flag.error) !== 0 && !dim) this.#failed[column] = 1;
  }

  /** One stem per pixel column: height by how much of it is covered, red where anything in it failed. */
  #paintDensity(ctx: CanvasRenderingContext2D, frame: FlameFrame, y: number): void {
    for (let column = 0; column < this.#cover.length; column++) {
      const cover = this.#cover[column]!;
      if (cover === 0) continue;
      const height = Math.round(frame.barHeight * (0.3 + 0.7 * cover));
      const failed = this.#failed[column] === 1;
      ctx.fillStyle = failed ? this.#theme.error : this.#theme.fills[this.#slots[column]!]!;
      ctx.fillRect(
        column,
        failed ? y : y + frame.barHeight - height,
        1,
        failed ? frame.barHeight : height,
      );
    }
  }

  #paintBar(
    ctx: CanvasRenderingContext2D,
    scene: FlameScene,
    frame: FlameFrame,
    row: number,
    y: number,
  ): void {
    const { model, grouping } = scene;
    const theme = this.#theme;
    const flags = model.flags[row]!;
    const emphasis = scene.emphasis === undefined ? Emphasis.normal : scene.emphasis[row]!;
    const slot = grouping.groups[grouping.of[row]!]!.slot;
    const left = Math.max(-8, xOf(frame, model.start[row]!));
    const right = Math.min(frame.width + 8, xOf(frame, model.end[row]!));
    const thin = right - left < 12;
    // A pixel of air to the right keeps neighbours apart.
    const width = Math.max(thin ? 1 : 2, right - left - (right - left > 3 ? 1 : 0));
    if (emphasis === Emphasis.hidden) {
      ctx.globalAlpha = 0.7;
      ctx.fillStyle = theme.fills[slot]!;
      ctx.fillRect(left, y, width, THREAD_PX);
      ctx.globalAlpha = 1;
      return;
    }
    if (emphasis === Emphasis.dimmed) ctx.globalAlpha = 0.28;
    if (scene.arriving?.rows[row] === 1) ctx.globalAlpha *= scene.arriving.share;
    const placeholder = (flags & Flag.placeholder) !== 0;
    const dashed = placeholder || (flags & Flag.inferred) !== 0;
    const torn = (flags & Flag.torn) !== 0 && !thin;
    if (torn) tornPath(ctx, left, y, width, frame.barHeight);
    else barPath(ctx, left, y, width, frame.barHeight, thin ? 1 : 2);
    ctx.fillStyle = placeholder
      ? theme.panel
      : (flags & Flag.hidden) !== 0
        ? this.#hiddenFills[slot]!
        : dashed
          ? this.#inferredFills[slot]!
          : (flags & Flag.xray) !== 0
            ? this.#hatch(ctx, slot)
            : theme.fills[slot]!;
    ctx.fill();
    if (dashed && !thin) {
      ctx.strokeStyle = placeholder ? theme.textFaint : theme.edges[slot]!;
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 2]);
      ctx.strokeRect(left + 0.5, y + 0.5, width - 1, frame.barHeight - 1);
      ctx.setLineDash([]);
    } else {
      ctx.fillStyle = (flags & Flag.error) !== 0 ? theme.error : theme.edges[slot]!;
      // Under three pixels an edge would be most of the bar: neighbours keep apart by the gap alone.
      if (width >= 3) {
        if ((flags & Flag.otlp) !== 0) stitch(ctx, left, y, frame.barHeight);
        else ctx.fillRect(left, y, thin ? 1.5 : 2, frame.barHeight);
      }
    }
    if ((flags & Flag.skewed) !== 0 && !thin) {
      ctx.fillStyle = theme.edges[slot]!;
      for (const rib of [3, 5.5, 8]) ctx.fillRect(left + rib, y, 1, frame.barHeight);
    }
    if ((flags & (Flag.clientError | Flag.throttled)) !== 0 && width > 6) {
      ctx.strokeStyle = theme.warn;
      ctx.lineWidth = 1.5;
      ctx.strokeRect(left + 0.75, y + 0.75, width - 1.5, frame.barHeight - 1.5);
    }
    if ((flags & Flag.error) !== 0) {
      if (width > 6) {
        ctx.strokeStyle = theme.error;
        ctx.lineWidth = 1.5;
        ctx.strokeRect(left + 0.75, y + 0.75, width - 1.5, frame.barHeight - 1.5);
      } else {
        ctx.fillStyle = theme.error;
        ctx.fillRect(left, y, width, frame.barHeight);
      }
    }
    if (width >= LABEL_MIN_PX) this.#paintLabel(ctx, scene, frame, row, left, width, y, dashed);
    ctx.globalAlpha = 1;
  }

  #paintLabel(
    ctx: CanvasRenderingContext2D,
    scene: FlameScene,
    frame: FlameFrame,
    row: number,
    left: number,
    width: number,
    y: number,
    dashed: boolean,
  ): void {
    const theme = this.#theme;
    const flags = scene.model.flags[row]!;
    const middle = y + frame.barHeight / 2;
    let x = Math.max(0, left) + 6;
    const end = left + width - 4;
    if ((flags & Flag.skewed) !== 0) x += 5;
    const hidden = (flags & Flag.hidden) !== 0;
    const colour = hidden ? theme.textFaint : dashed ? theme.text : theme.ink;
    if ((flags & Flag.error) !== 0 && end - x > 14) {
      drawGlyph(ctx, 'error', x, middle, theme.error, theme.onError);
      x += 16;
    }
    if ((flags & Flag.throttled) !== 0 && end - x > 14) {
      drawGlyph(ctx, 'throttled', x, middle, colour, colour);
      x += 16;
    }
    if ((flags & Flag.merged) !== 0 && end - x > 40) {
      drawGlyph(ctx, 'merged', x, middle, colour, colour);
      x += 16;
    }
    if ((flags & Flag.cold) !== 0 && end - x > 14) {
      drawGlyph(ctx, 'cold', x, middle, colour, colour);
      x += 15;
    }
    const name = scene.label(row);
    const fits = this.#cut(ctx, name, end - x);
    if (fits === '') return;
    ctx.fillStyle = colour;
    ctx.fillText(fits, x, middle + 0.5);
    if (width < DURATION_MIN_PX || fits !== name) return;
    x += this.#widthOf(ctx, name) + 5;
    const duration = formatDuration(scene.model.end[row]! - scene.model.start[row]!);
    if (x + this.#widthOf(ctx, duration) <= end) ctx.fillText(duration, x, middle + 0.5);
  }

  #widthOf(ctx: CanvasRenderingContext2D, text: string): number {
    let width = this.#textWidths.get(text);
    if (width === undefined) {
      if (this.#textWidths.size > 20_000) this.#textWidths.clear();
      width = ctx.measureText(text).width;
      this.#textWidths.set(text, width);
    }
    return width;
  }

  #cut(ctx: CanvasRenderingContext2D, text: string, room: number): string {
    const width = this.#widthOf(ctx, text);
    if (width <= room) return text;
    // The average letter says about where to cut; the letters that are there say whether it was right.
    const mark = room > 50 ? '…' : '';
    let letters = Math.floor((room / width) * text.length) - mark.length;
    while (letters >= 2) {
      const cut = text.slice(0, letters).trimEnd() + mark;
      if (this.#widthOf(ctx, cut) <= room) return cut;
      letters--;
    }
    return '';
  }

  #hatch(ctx: CanvasRenderingContext2D, slot: number): CanvasPattern | string {
    const known = this.#hatches.get(slot);
    if (known !== undefined) return known;
    const theme = this.#theme;
    const base = mixColours(theme.fills[slot]!, theme.panel, 0.62);
    const tile = new OffscreenCanvas(14, 14);
    const brush = tile.getContext('2d');
    let hatch: CanvasPattern | string = base;
    if (brush !== null) {
      brush.scale(2, 2);
      brush.fillStyle = base;
      brush.fillRect(0, 0, 7, 7);
      brush.strokeStyle = mixColours(theme.edges[slot]!, base, 0.4);
      brush.lineWidth = 1;
      for (const shift of [-7, 0, 7]) {
        brush.beginPath();
        brush.moveTo(shift - 1, 8);
        brush.lineTo(shift + 8, -1);
        brush.stroke();
      }
      const pattern = ctx.createPattern(tile, 'repeat');
      pattern?.setTransform(new DOMMatrix().scale(0.5));
      hatch = pattern ?? base;
    }
    this.#hatches.set(slot, hatch);
    return hatch;
  }

  /** Dotted elbows from the end of a span to what started after it. */
  #paintConnectors(ctx: CanvasRenderingContext2D, scene: FlameScene, frame: FlameFrame): void {
    const { model, rows } = scene;
    let drawn = 0;
    ctx.strokeStyle = this.#theme.textFaint;
    ctx.lineWidth = 1;
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    for (let row = 0; row < model.count && drawn < 500; row++) {
      if ((model.flags[row]! & Flag.async) === 0) continue;
      const up = model.parent[row]!;
      if (model.start[row]! < model.end[up]! || model.start[row]! > frame.window.endNs) continue;
      const from = xOf(frame, model.end[up]!);
      const to = xOf(frame, model.start[row]!);
      const fromY = frame.top + (rows.line[up]! + 0.5) * frame.lineHeight - frame.scrollTop;
      const toY = frame.top + rows.line[row]! * frame.lineHeight - frame.scrollTop;
      if (to < 0 || toY < 0 || fromY > frame.height) continue;
      const bend = Math.round(Math.max(from + 3, to - 2)) + 0.5;
      ctx.moveTo(from, Math.round(fromY) + 0.5);
      ctx.lineTo(bend, Math.round(fromY) + 0.5);
      ctx.lineTo(bend, toY);
      drawn++;
    }
    ctx.stroke();
    ctx.setLineDash([]);
  }

  #paintCriticalPath(
    ctx: CanvasRenderingContext2D,
    scene: FlameScene,
    frame: FlameFrame,
    path: CriticalPath,
  ): void {
    ctx.fillStyle = this.#theme.textSoft;
    for (let i = 0; i < path.length; i++) {
      if (path.start[i]! > frame.window.endNs || path.end[i]! < frame.window.startNs) continue;
      const y = frame.top + scene.rows.line[path.row[i]!]! * frame.lineHeight - frame.scrollTop;
      if (y < -frame.lineHeight || y > frame.height) continue;
      const left = Math.max(0, xOf(frame, path.start[i]!));
      const right = Math.min(frame.width, xOf(frame, path.end[i]!));
      ctx.fillRect(left, y + frame.barHeight, Math.max(1, right - left), 2);
    }
  }

  #paintAfterRoot(
    ctx: CanvasRenderingContext2D,
    frame: FlameFrame,
    mark: { readonly ns: number; readonly note: string },
  ): void {
    const x = Math.round(xOf(frame, mark.ns));
    if (x < 0 || x > frame.width) return;
    ctx.strokeStyle = this.#theme.border;
    ctx.lineWidth = 1;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x + 0.5, 0);
    ctx.lineTo(x + 0.5, frame.height);
    ctx.stroke();
    ctx.setLineDash([]);
    const room = frame.width - x - 16;
    const note = this.#cut(ctx, mark.note, room);
    if (frame.scrollTop > frame.top || note !== mark.note) return;
    ctx.fillStyle = this.#theme.textFaint;
    ctx.fillText(note, x + 8, frame.top + frame.barHeight / 2);
  }

  #paintRing(
    ctx: CanvasRenderingContext2D,
    scene: FlameScene,
    frame: FlameFrame,
    row: number,
    selected: boolean,
  ): void {
    const { model, rows } = scene;
    const y = frame.top + rows.line[row]! * frame.lineHeight - frame.scrollTop;
    const left = Math.max(-8, xOf(frame, model.start[row]!));
    const right = Math.min(frame.width + 8, xOf(frame, model.end[row]!));
    if (right < 0 || left > frame.width || y < -frame.lineHeight || y > frame.height) return;
    const width = Math.max(3, right - left - 1);
    if (selected) {
      ctx.strokeStyle = this.#theme.panel;
      ctx.lineWidth = 1.5;
      ctx.strokeRect(left - 0.75, y - 0.75, width + 1.5, frame.barHeight + 1.5);
      ctx.strokeStyle = this.#theme.accent;
      ctx.lineWidth = 2;
      barPath(ctx, left - 2.5, y - 2.5, width + 5, frame.barHeight + 5, 4);
    } else {
      ctx.strokeStyle = this.#theme.text;
      ctx.lineWidth = 1;
      barPath(ctx, left - 0.5, y - 0.5, width + 1, frame.barHeight + 1, 2);
    }
    ctx.stroke();
  }
}

function barPath(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  ctx.beginPath();
  if (width < 6) ctx.rect(x, y, width, height);
  else ctx.roundRect(x, y, width, height, radius);
}

function stitch(ctx: CanvasRenderingContext2D, x: number, y: number, height: number): void {
  for (let at = 1; at < height; at += STITCH_PX + STITCH_GAP_PX)
    ctx.fillRect(x, y + at, 2, Math.min(STITCH_PX, height - at));
}

/** A right edge in teeth: no end was received. */
function tornPath(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  ctx.beginPath();
  ctx.moveTo(x, y);
  const right = x + width;
  for (let tooth = 0; tooth <= 5; tooth++) {
    ctx.lineTo(tooth % 2 === 0 ? right : right - 4, y + (height * tooth) / 5);
  }
  ctx.lineTo(right - 4, y + height);
  ctx.lineTo(x, y + height);
  ctx.closePath();
}
