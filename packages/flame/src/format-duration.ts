const UNITS: readonly (readonly [unit: string, ns: number])[] = [
  ['ns', 1],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
];

/**
 * A duration in ns with three significant digits: `850 ns`, `5.20 µs`, `56.5 ms`, `2.05 s`; from a minute on
 * `2m 05s`, `1h 04m`, `3d 07h`. The space is a no-break space, so a value and its unit stay together.
 */
export function formatDuration(ns: number): string {
  if (!Number.isFinite(ns)) return '–';
  const sign = ns < 0 ? '−' : '';
  const value = Math.abs(ns);
  if (value === 0) return '0\u00a0ms';
  for (const [unit, size] of UNITS) {
    const text = unit === 'ns' ? String(Math.round(value)) : threeDigits(value / size);
    // 999.7 µs rounds to four digits: it reads 1.00 ms in the next unit.
    if (Number(text) < (unit === 's' ? 60 : 1000)) return `${sign}${text}\u00a0${unit}`;
  }
  return sign + clockText(Math.round(value / 1e9));
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

function clockText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const allMinutes = Math.round(seconds / 60);
  const hours = Math.floor(allMinutes / 60);
  if (hours < 24) return `${hours}h ${two(allMinutes % 60)}m`;
  const allHours = Math.round(seconds / 3600);
  return `${Math.floor(allHours / 24)}d ${two(allHours % 24)}h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
