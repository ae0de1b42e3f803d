const BREAKS = new Set([
  'SELECT',
  'FROM',
  'WHERE',
  'GROUP BY',
  'ORDER BY',
  'HAVING',
  'LIMIT',
  'OFFSET',
  'INSERT INTO',
  'VALUES',
  'UPDATE',
  'SET',
  'DELETE FROM',
  'RETURNING',
  'LEFT JOIN',
  'RIGHT JOIN',
  'INNER JOIN',
  'FULL JOIN',
  'CROSS JOIN',
  'JOIN',
  'UNION ALL',
  'UNION',
  'ON CONFLICT',
  'WITH',
]);
const INDENTED = new Set(['AND', 'OR', 'ON']);
const TOKEN =
  /('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|\w+(?:\.\w+)*|\s+|[^\s\w])/g;

/** SQL with a clause per line. Text inside quotes, brackets and comments is left as it is. */
export function formatSql(sql: string): string {
  const tokens =
    sql
      .trim()
      .match(TOKEN)
      ?.filter((token) => token.trim() !== '') ?? [];
  let out = '';
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const pair = `${token} ${tokens[i + 1] ?? ''}`.toUpperCase();
    const word = BREAKS.has(pair) ? pair : token.toUpperCase();
    if (depth === 0 && out !== '' && BREAKS.has(word)) out += '\n';
    else if (depth === 0 && INDENTED.has(word)) out += '\n  ';
    else if (needsSpace(out, token)) out += ' ';
    out += word === pair ? `${token} ${tokens[++i]}` : token;
    if (token === '(') depth++;
    if (token === ')') depth = Math.max(0, depth - 1);
  }
  return out;
}

function needsSpace(out: string, token: string): boolean {
  if (out === '' || out.endsWith('\n') || out.endsWith(' ')) return false;
  if (/^[,;).[\]]$/.test(token) || token === ':') return false;
  const last = out.at(-1)!;
  if (last === '(' || last === '.' || last === ':' || last === '$' || last === '@' || last === '[')
    return false;
  // A call keeps its bracket: count(*).
  if (token === '(')
    return !/[\w"]$/.test(out) || /\b(?:IN|VALUES|AND|OR|ON|AS|FROM|WHERE|INTO|EXISTS)$/i.test(out);
  // Operators of two characters stay together.
  return !(/^[=>|<!-]$/.test(token) && /[<>!|=:-]$/.test(last));
}
