import { Emphasis } from './flame-painter.ts';
import type { FlameTheme } from './flame-theme.ts';
import type { Grouping } from './grouping.ts';
import type { FlameRows } from './pack-rows.ts';
import { Flag } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

export interface MinimapScene {
  readonly model: TraceModel;
  readonly rows: FlameRows;
  readonly grouping: Grouping;
  readonly emphasis: Uint8Array | undefined;
}

/** Draws the whole trace into `width` by `height`. Bars that would fall on a pixel already drawn in their line are skipped. */
export function paintMinimap(
  ctx: CanvasRenderingContext2D,
  scene: MinimapScene,
  theme: FlameTheme,
  width: number,
  height: number,
): void {
  const { model, rows, grouping } = scene;
  ctx.clearRect(0, 0, width, height);
  const scale = width / Math.max(1, model.durationNs);
  const pitch = (height - 5) / Math.max(rows.lines, 8);
  const bar = Math.max(0.8, pitch - 0.6);
  for (let line = 0; line < rows.lines; line++) {
    let drawnTo = -1;
    const y = 2 + line * pitch;
    for (let i = rows.lineStart[line]!; i < rows.lineStart[line + 1]!; i++) {
      const row = rows.items[i]!;
      const left = model.start[row]! * scale;
      const right = Math.max(left + 0.8, model.end[row]! * scale);
      const failed = (model.flags[row]! & Flag.error) !== 0;
      if (right <= drawnTo && !failed) continue;
      const dim = scene.emphasis !== undefined && scene.emphasis[row] !== Emphasis.normal;
      ctx.globalAlpha = dim ? 0.2 : failed ? 1 : 0.62;
      ctx.fillStyle = failed ? theme.error : theme.edges[grouping.groups[grouping.of[row]!]!.slot]!;
      ctx.fillRect(left, y, right - left, bar);
      drawnTo = Math.max(drawnTo, Math.ceil(right));
    }
  }
  ctx.globalAlpha = 1;
}
