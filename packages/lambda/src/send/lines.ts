/** Writes lines to the function's log, past `console`, which the runtime and we ourselves may have changed. */
export function writeLines(lines: string): void {
  if (lines !== '') process.stdout.write(lines);
}
