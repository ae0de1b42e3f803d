const DURATION_UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
] as const;

/** `812 ms`, `1.25 s`, `640 ns`: three digits that count. Minutes and hours from two minutes on. */
export function formatDuration(ns: number): string {
  if (ns >= 120e9) return formatSeconds(ns / 1e9);
  for (const [unit, size] of DURATION_UNITS) {
    if (ns >= size) return `${threeDigits(ns / size)} ${unit}`;
  }
  return `${ns} ns`;
}

/** `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return joinUnits(whole, 3600, 'h', 60, 'min');
  return joinUnits(whole, 86_400, 'd', 3600, 'h');
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}

/** `1 span`, `2 spans`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `512 B`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits(value)} ${units[unit]}`;
}

/** `2026-11-20 12:00:00.250`, in UTC. */
export function formatTime(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

function threeDigits(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

function joinUnits(
  seconds: number,
  big: number,
  bigUnit: string,
  small: number,
  smallUnit: string,
): string {
  const rest = Math.floor((seconds % big) / small);
  const first = `${Math.floor(seconds / big)} ${bigUnit}`;
  return rest === 0 ? first : `${first} ${rest} ${smallUnit}`;
}
