import type { Comparison, Key, Node, Range, Scalar, Value } from './ast.ts';
import { alwaysSpecial, FUNCTIONS, isSpace, KEYWORDS } from './characters.ts';
import { literalText } from './scalar.ts';

/**
 * Writes a syntax tree as query text: parsing the result gives the same tree.
 *
 * The text is the shortest plain spelling, so it also serves as the normal form of a query: `a AND (b)` becomes `a b`.
 */
export function formatQuery(tree: Node): string {
  return format(tree, 'or');
}

/** How tightly the surroundings bind; a looser node inside needs parentheses. */
type Level = 'or' | 'and' | 'primary';

function format(node: Node, level: Level): string {
  switch (node.kind) {
    case 'all':
      return '';
    case 'or': {
      const text = node.operands.map((operand) => format(operand, 'and')).join(' OR ');
      return level === 'or' ? text : `(${text})`;
    }
    case 'and': {
      const text = node.operands.map((operand) => format(operand, 'and')).join(' ');
      return level === 'primary' ? `(${text})` : text;
    }
    case 'not': {
      const text = `-${format(node.operand, 'primary')}`;
      return level === 'primary' ? `(${text})` : text;
    }
    case 'field':
      return `${formatKey(node.key)}:${formatValue(node.value)}`;
    case 'exists':
      return node.present ? `${formatKey(node.key)}:*` : `_missing_:${formatKey(node.key)}`;
    case 'text':
      return node.everywhere
        ? `*:${formatScalar(node.scalar, 'value')}`
        : formatScalar(node.scalar, 'term');
    case 'cidr': {
      const networks = node.networks.map((network) => formatScalar(network, 'list'));
      return `CIDR(${[formatKey(node.key), ...networks].join(', ')})`;
    }
    case 'lower':
      return `LOWER(${formatKey(node.key)}):${formatScalar(node.scalar, 'value')}`;
    case 'length':
      return `LEN(${formatKey(node.key)}):${formatComparison(node.comparison)}`;
  }
}

function formatValue(value: Value): string {
  switch (value.kind) {
    case 'scalar':
      return formatScalar(value.scalar, 'value');
    case 'comparison':
      return formatComparison(value);
    case 'range':
      return formatRange(value);
    case 'regex':
      return `~"${value.pattern.replaceAll('"', '\\"')}"`;
    case 'list': {
      const items = value.items.map((item) => formatScalar(item, 'list'));
      // One value joined by AND or OR is the same list; two or more show which.
      return `(${items.join(value.join === 'and' ? ' AND ' : ' OR ')})`;
    }
  }
}

function formatComparison(comparison: Comparison): string {
  return `${comparison.operator}${formatScalar(comparison.bound, 'bound')}`;
}

function formatRange(range: Range): string {
  const low = range.low === undefined ? '*' : formatScalar(range.low, 'bound');
  const high = range.high === undefined ? '*' : formatScalar(range.high, 'bound');
  return `${range.lowInclusive ? '[' : '{'}${low} TO ${high}${range.highInclusive ? ']' : '}'}`;
}

/** Writes a key with its sigil, escaped where it must be. */
export function formatKey(key: Pick<Key, 'sigil' | 'name'>): string {
  let text = '';
  for (const [index, character] of Array.from(key.name).entries()) {
    const special =
      alwaysSpecial(character) ||
      character === ':' ||
      character === ',' ||
      (index === 0 && (key.sigil === '' ? '-!<>~@' : "'").includes(character));
    text += special ? `\\${character}` : character;
  }
  // A tag that is spelled like an operator.
  if (key.sigil === '' && (text === '_exists_' || text === '_missing_')) text = `\\${text}`;
  return key.sigil + text;
}

/** Where a scalar stands decides which words and characters mean something else there. */
type Position = 'term' | 'value' | 'bound' | 'list';

function formatScalar(scalar: Scalar, position: Position): string {
  const literal = literalText(scalar);
  if (literal !== undefined) {
    return readsAsWord(literal, position) ? literal : `"${literal.replaceAll(/["\\]/g, '\\$&')}"`;
  }
  let text = '';
  for (const piece of scalar.pieces) {
    text +=
      typeof piece === 'string' ? escapeLiteral(piece, text === '', position) : piece.wildcard;
  }
  return text;
}

function escapeLiteral(text: string, leading: boolean, position: Position): string {
  let escaped = '';
  for (const character of text) {
    const special =
      alwaysSpecial(character) ||
      (position === 'term' && character === ':') ||
      (position === 'list' && character === ',') ||
      (leading && escaped === '' && leadingOperators(position).includes(character)) ||
      (leading && escaped === '' && position === 'term' && text.startsWith("@'"));
    escaped += special ? `\\${character}` : character;
  }
  return escaped;
}

function readsAsWord(text: string, position: Position): boolean {
  if (text === '' || text.trim() !== text) return false;
  if (leadingOperators(position).includes(text[0] ?? '')) return false;
  // A quoted key starts like this.
  if (position === 'term' && text.startsWith("@'")) return false;
  for (const character of text) {
    if (alwaysSpecial(character) || isSpace(character)) return false;
    if (position === 'term' && character === ':') return false;
    if (position === 'list' && character === ',') return false;
  }
  switch (position) {
    case 'term':
      return !KEYWORDS.has(text) && !FUNCTIONS.has(text);
    case 'list':
      return text !== 'AND' && text !== 'OR';
    case 'bound':
      return text !== 'TO';
    case 'value':
      return true;
  }
}

function leadingOperators(position: Position): string {
  switch (position) {
    case 'term':
      return '-!<>~';
    case 'value':
      return '<>~';
    // `=` would join a `>` before it.
    case 'bound':
      return '<>~=';
    case 'list':
      return '';
  }
}
