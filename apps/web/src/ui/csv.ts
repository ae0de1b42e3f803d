/** What a table cell can hold. */
export type Cell = string | number | boolean | null | undefined;

/**
 * Rows as comma-separated values (RFC 4180) with a first row of names. Text that a spreadsheet would run as a formula gets an
 * apostrophe in front: spans carry what strangers sent.
 */
export function toCsv(names: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [names, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** One cell, quoted where it must be. */
export function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lets the browser save text under a name. */
export function saveFile(name: string, type: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then, and the text need not stay in memory.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** `spanloom-spans-2026-11-17T10-42-07.csv` */
export function fileName(what: string, extension: string, nowMs: number): string {
  const at = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-');
  return `spanloom-${what}-${at}.${extension}`;
}
