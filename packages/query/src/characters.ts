/** Character classes shared by the lexer, which reads them, and the formatter, which must escape them. */

const SPACE = /\s/;
const BRACKETS = '()[]{}';

/** Whether the character separates words. */
export function isSpace(character: string): boolean {
  return SPACE.test(character);
}

/** Whether the character is one of `( ) [ ] { }`. */
export function isBracket(character: string): boolean {
  return BRACKETS.includes(character);
}

/** Whether the character ends an unquoted word. */
export function endsWord(character: string): boolean {
  return character === '"' || isBracket(character) || isSpace(character);
}

/** Whether the character must be escaped wherever it stands in an unquoted word. */
export function alwaysSpecial(character: string): boolean {
  return endsWord(character) || character === '*' || character === '?' || character === '\\';
}

/** The words that join terms; upper case only. */
export const KEYWORDS: ReadonlyMap<string, 'and' | 'or' | 'not'> = new Map([
  ['AND', 'and'],
  ['OR', 'or'],
  ['NOT', 'not'],
]);

/** The functions that a term can start with. */
export const FUNCTIONS: ReadonlySet<string> = new Set(['CIDR', 'LOWER', 'LEN']);
