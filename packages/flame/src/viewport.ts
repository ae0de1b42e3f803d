/** The window of time that is drawn, ns from the start of the trace. */
export interface TimeWindow {
  readonly startNs: number;
  readonly endNs: number;
}

/** No window is shorter. */
export const MIN_WINDOW_NS = 1_000;

/** `window`, at least 1 µs long and inside `[0, totalNs]` as far as it fits. */
export function clampWindow(window: TimeWindow, totalNs: number): TimeWindow {
  const limit = Math.max(totalNs, MIN_WINDOW_NS);
  const length = Math.min(Math.max(window.endNs - window.startNs, MIN_WINDOW_NS), limit);
  const startNs = Math.min(Math.max(0, window.startNs), limit - length);
  return { startNs, endNs: startNs + length };
}

/** `window` scaled by `factor` (below 1 zooms in) with `atNs` staying where it is on screen. */
export function zoomWindow(
  window: TimeWindow,
  factor: number,
  atNs: number,
  totalNs: number,
): TimeWindow {
  const length = window.endNs - window.startNs;
  const wanted = Math.min(
    Math.max(length * factor, MIN_WINDOW_NS),
    Math.max(totalNs, MIN_WINDOW_NS),
  );
  const scale = length === 0 ? 1 : wanted / length;
  const startNs = atNs - (atNs - window.startNs) * scale;
  return clampWindow({ startNs, endNs: startNs + wanted }, totalNs);
}

/** `window` moved by `byNs`. */
export function panWindow(window: TimeWindow, byNs: number, totalNs: number): TimeWindow {
  return clampWindow({ startNs: window.startNs + byNs, endNs: window.endNs + byNs }, totalNs);
}

/** A window around a span with a little air on both sides. */
export function windowAround(startNs: number, endNs: number, totalNs: number): TimeWindow {
  const air = Math.max((endNs - startNs) * 0.05, MIN_WINDOW_NS / 2);
  return clampWindow({ startNs: startNs - air, endNs: endNs + air }, totalNs);
}

/** The whole trace. */
export function wholeWindow(totalNs: number): TimeWindow {
  return { startNs: 0, endNs: Math.max(totalNs, MIN_WINDOW_NS) };
}

/** Whether `window` shows all of the trace. */
export function isWhole(window: TimeWindow, totalNs: number): boolean {
  return window.startNs <= 0 && window.endNs >= totalNs;
}
