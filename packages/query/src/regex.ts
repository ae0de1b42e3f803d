/**
 * Patterns are RE2's, because the database runs them. A browser runs JavaScript's, so both the check here and the
 * in-memory evaluation keep to what the two have in common and say so where a pattern leaves it.
 */

/** What is wrong with a pattern, or undefined when it can be run. */
export function regexProblem(pattern: string): string | undefined {
  if (/(?:^|[^\\])(?:\\\\)*\(\?(?:[=!]|<[=!])/.test(pattern)) {
    return 'look-ahead and look-behind are not supported; combine two terms instead';
  }
  if (/(?:^|[^\\])(?:\\\\)*\\(?:[1-9]|k<)/.test(pattern)) return 'back-references are not supported';
  if (/(?:^|[^\\])(?:\\\\)*\\[ucQE]/.test(pattern)) {
    return 'the escapes \\u, \\c, \\Q and \\E are not supported; write the character itself';
  }
  for (const repeat of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    if (Number(repeat[1]) > 1000 || Number(repeat[2] ?? 0) > 1000) {
      return 'a repetition can ask for at most 1000 copies';
    }
  }
  try {
    compileRegex(pattern);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // The engine's message repeats the whole pattern before the reason.
    return reason.slice(reason.lastIndexOf(': ') + 2).toLowerCase();
  }
}

/**
 * The pattern for evaluation in memory; finds a match anywhere, and the dot matches line ends as it does in the database.
 * @throws {SyntaxError} If the pattern is malformed.
 */
export function compileRegex(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const insensitive = flags?.[1]?.includes('i') === true ? 'i' : '';
  const multiline = flags?.[1]?.includes('m') === true ? 'm' : '';
  const body = (flags === null ? pattern : pattern.slice(flags[0].length))
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\\([Az])/g, (_, anchor) => (anchor === 'A' ? '^' : '$'));
  try {
    return new RegExp(body, `su${insensitive}${multiline}`);
  } catch {
    // Without `u` JavaScript allows the needless escapes that RE2 allows, such as `\-`.
    return new RegExp(body, `s${insensitive}${multiline}`);
  }
}
