/** Databases in which `"…"` is always a name. Elsewhere, and where we do not know, it may be text. */
const QUOTED_NAMES: ReadonlySet<string> = new Set([
  'postgresql',
  'oracle',
  'mssql',
  'sqlite',
  'db2',
  'redshift',
]);

/** What one token is, tried in this order at each place. Every pattern is anchored by the `y` flag and cannot backtrack far. */
const SPACE = /\s+/y;
const COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\//y;
const HASH_COMMENT = /#[^\n]*/y;
const DOLLAR_QUOTE = /\$(?:[a-z_]\w*)?\$/iy;
const PLAIN_TEXT = /'(?:[^']|'')*'/y;
const ESCAPED_TEXT = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const DOUBLE_QUOTED = /"(?:[^"\\]|""|\\[\s\S])*"/y;
const QUOTED_NAME = /`[^`]*`|\[[A-Za-z_][\w $#@.-]*\]/y;
const NUMBER = /0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy;
const PARAMETER = /\$\d{1,3}(?!\d)/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$.]*/uy;

/**
 * A statement with every value in it replaced by `?`, comments gone and white space even. Senders call their statements
 * sanitised, yet pass them on as the program wrote them, card numbers included.
 *
 * Whether a backslash escapes a quote depends on the database and its settings. Both readings are tried; where they differ, the
 * statement ends at the first difference, for what follows could be a value under one of them.
 *
 * @param system The `db.system`, '' when unknown.
 */
export function obfuscateSql(statement: string, system: string): string {
  const plain = obfuscate(statement, system, PLAIN_TEXT);
  if (!statement.includes('\\')) return plain ?? '?';
  const escaped = obfuscate(statement, system, ESCAPED_TEXT);
  if (plain === undefined || escaped === undefined) return plain ?? escaped ?? '?';
  if (plain === escaped) return plain;
  let same = 0;
  while (same < plain.length && plain[same] === escaped[same]) same++;
  return `${plain.slice(0, same).trimEnd()} …`;
}

/** `undefined` when a quote or comment is never closed: the reading is wrong, or the statement was cut. */
function obfuscate(statement: string, system: string, text: RegExp): string | undefined {
  let out = '';
  let at = 0;
  const take = (token: RegExp): string | undefined => {
    token.lastIndex = at;
    const found = token.exec(statement)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < statement.length) {
    // Most of a statement, and nothing else begins with a letter: the dozen patterns below would each be tried in vain.
    const word = startsWord(statement.charCodeAt(at)) ? take(WORD) : undefined;
    if (word !== undefined) {
      out += word;
      continue;
    }
    if (take(SPACE) !== undefined || take(COMMENT) !== undefined) {
      if (out !== '' && !out.endsWith(' ')) out += ' ';
      continue;
    }
    if ((system === 'mysql' || system === 'mariadb') && take(HASH_COMMENT) !== undefined) continue;
    const quote = take(DOLLAR_QUOTE);
    if (quote !== undefined) {
      const end = statement.indexOf(quote, at);
      if (end < 0) return undefined;
      at = end + quote.length;
      out += '?';
    } else if (take(text) !== undefined) out += '?';
    else if (statement[at] === '"') {
      const found = take(DOUBLE_QUOTED);
      if (found === undefined) return undefined;
      out += QUOTED_NAMES.has(system) ? found : '?';
    } else if (statement[at] === "'" || statement.startsWith('/*', at)) return undefined;
    else if (take(NUMBER) !== undefined) out += '?';
    else out += take(QUOTED_NAME) ?? take(PARAMETER) ?? take(WORD) ?? statement[at++]!;
  }
  // Lists of any length are one statement.
  return out.replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)').trim();
}

function startsWord(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x5f;
}
