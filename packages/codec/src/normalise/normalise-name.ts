/** Longest operation name, in characters. */
const LONGEST = 100;

/**
 * The form of an operation name: from the first ASCII letter on; letters, digits, `.` and `_`; every run of anything else one
 * `_`; no `_` before a `.` or at the end. '' when there is no letter.
 */
export function normaliseName(text: string): string {
  if (text.length <= LONGEST && /^[A-Za-z](?:_?[A-Za-z0-9]|\.)*$/.test(text)) return text;
  const first = text.search(/[A-Za-z]/);
  if (first < 0) return '';
  return text
    .slice(first)
    .replace(/[^A-Za-z0-9.]+/g, '_')
    .replace(/_\./g, '.')
    .slice(0, LONGEST)
    .replace(/_+$/, '');
}
