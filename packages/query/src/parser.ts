import type {
  Comparison,
  ComparisonOperator,
  FieldNode,
  Key,
  List,
  LogicNode,
  Node,
  Place,
  Range,
  Scalar,
  Value,
} from './ast.ts';
import { lex, type Token, type TokenKind } from './lexer.ts';
import { fail, ProblemSignal, type Problem } from './problem.ts';
import { isAnything, literalText } from './scalar.ts';

/** Deeper nesting than anyone writes; keeps the recursion below within the stack. */
const MAX_DEPTH = 100;

/** Longest query text. Far above what a person writes, low enough to parse on every keystroke. */
const MAX_LENGTH = 20_000;

/** A syntax tree, or why there is none. */
export type Parsed =
  | { readonly ok: true; readonly tree: Node }
  | { readonly ok: false; readonly problem: Problem };

/** Parses a query without looking at what its keys mean. */
export function parseSyntax(text: string): Parsed {
  if (text.length > MAX_LENGTH) {
    const message = `A query can be ${MAX_LENGTH} characters long; this one has ${text.length}`;
    return { ok: false, problem: { message, start: MAX_LENGTH, end: text.length } };
  }
  const { tokens, problem } = lex(text);
  if (problem !== undefined) return { ok: false, problem };
  try {
    return { ok: true, tree: new Parser(text, tokens).query() };
  } catch (error) {
    if (error instanceof ProblemSignal) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Joins operands so that no `and` holds an `and` and no `or` an `or`: one tree for `a (b c)` and `a b c`. */
export function joinNodes(kind: 'and' | 'or', operands: readonly Node[], place: Place): Node {
  const flat = operands.flatMap((node) => (node.kind === kind ? node.operands : [node]));
  const [only] = flat;
  if (only !== undefined && flat.length === 1) return only;
  return { kind, operands: flat, ...place } satisfies LogicNode;
}

/** Recursive descent, a method per rule of the grammar in the README. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  query(): Node {
    if (this.#tokens.length === 0) return { kind: 'all', start: 0, end: this.#text.length };
    const tree = this.#or();
    const rest = this.#peek();
    if (rest !== undefined) {
      fail(
        'This closing parenthesis has no opening one',
        rest,
        rest.kind === 'close' ? '' : undefined,
      );
    }
    return tree;
  }

  #or(): Node {
    const operands = [this.#and()];
    while (this.#accept('or') !== undefined) operands.push(this.#and());
    return joinNodes('or', operands, cover(operands));
  }

  #and(): Node {
    const operands = [this.#not()];
    for (;;) {
      const next = this.#peek();
      if (next === undefined || next.kind === 'or' || next.kind === 'close') break;
      this.#accept('and');
      operands.push(this.#not());
    }
    return joinNodes('and', operands, cover(operands));
  }

  #not(): Node {
    const sign = this.#accept('not');
    if (sign === undefined) return this.#primary();
    const again = this.#peek();
    if (again?.kind === 'not') {
      fail('A term can be negated once; use parentheses to negate a negation', again, '');
    }
    const operand = this.#primary();
    return { kind: 'not', operand, start: sign.start, end: operand.end };
  }

  #primary(): Node {
    const token = this.#peek();
    switch (token?.kind) {
      case 'open':
        return this.#group(token);
      case 'function':
        return this.#function(token);
      case 'key':
        return this.#field();
      case 'word':
      case 'string': {
        this.#next++;
        return { kind: 'text', scalar: scalarOf(token), everywhere: false, ...placeOf(token) };
      }
      case 'and':
      case 'or':
        return fail(
          `Expected a term before ${token.text}; to search for the word itself, quote it`,
          token,
          `"${token.text}"`,
        );
      case 'close':
        return fail(
          this.#next === 0 || this.#depth === 0
            ? 'This closing parenthesis has no opening one'
            : 'Expected a term before the closing parenthesis',
          token,
        );
      default: {
        const end = { start: this.#text.length, end: this.#text.length };
        const last = this.#tokens.at(-1);
        return fail(
          last === undefined ? 'Expected a term' : `Expected a term after ${last.text}`,
          token ?? end,
        );
      }
    }
  }

  #group(open: Token): Node {
    if (++this.#depth > MAX_DEPTH) {
      fail(`Parentheses are nested more than ${MAX_DEPTH} deep`, open);
    }
    this.#next++;
    if (this.#peek()?.kind === 'close') {
      fail('Expected a term between the parentheses', { start: open.end, end: open.end });
    }
    const inner = this.#or();
    const close = this.#accept('close');
    if (close === undefined) {
      fail('This parenthesis is not closed', open, undefined);
    }
    this.#depth--;
    return { ...inner, start: open.start, end: close.end };
  }

  #field(): Node {
    const token = this.#take('key');
    this.#take('colon');
    // As written: `\_exists_` is an ordinary key.
    const written = this.#text.slice(token.start, token.end);
    if (written === '_exists_' || written === '_missing_') {
      const key = this.#take('key');
      return {
        kind: 'exists',
        key: keyOf(key),
        present: written === '_exists_',
        start: token.start,
        end: key.end,
      };
    }
    const value = this.#value();
    const place = { start: token.start, end: value.end };
    if (token.pieces.length > 0) return this.#everywhere(token, value, place);
    const key = keyOf(token);
    if (value.kind === 'scalar' && isAnything(value.scalar)) {
      return { kind: 'exists', key, present: true, ...place };
    }
    return { kind: 'field', key, value, ...place } satisfies FieldNode;
  }

  /** Only the `*` of `*:text` is a key that keeps its pieces. */
  #everywhere(token: Token, value: Value, place: Place): Node {
    if (value.kind !== 'scalar') {
      fail('Only a word or a quoted phrase can follow *:', { start: token.start, end: value.end });
    }
    return { kind: 'text', scalar: value.scalar, everywhere: true, ...place };
  }

  #value(): Value {
    const token = this.#peek();
    switch (token?.kind) {
      case 'open':
        return this.#list();
      case 'range-open':
        return this.#range();
      case 'comparison':
        return this.#comparison();
      case 'regex':
        this.#next++;
        return { kind: 'regex', pattern: token.text, ...placeOf(token) };
      default: {
        const scalar = this.#scalar();
        return { kind: 'scalar', scalar, start: scalar.start, end: scalar.end };
      }
    }
  }

  #comparison(): Comparison {
    const operator = this.#take('comparison');
    const bound = this.#scalar();
    return {
      kind: 'comparison',
      operator: operatorOf(operator),
      bound,
      start: operator.start,
      end: bound.end,
    };
  }

  #range(): Range {
    const open = this.#take('range-open');
    const low = this.#bound(open);
    const to = this.#peek();
    if (to?.kind !== 'to') {
      fail(
        'Expected TO between the bounds of the range, as in [400 TO 499]',
        to ?? open,
        to?.kind === 'word' && /^(?:to|-|\.\.)$/i.test(to.text) ? 'TO' : undefined,
      );
    }
    this.#next++;
    const high = this.#bound(to);
    const close = this.#peek();
    if (close?.kind !== 'range-close') {
      fail('Expected ] or } after the upper bound of the range', close ?? to);
    }
    this.#next++;
    return {
      kind: 'range',
      low,
      lowInclusive: open.text === '[',
      high,
      highInclusive: close.text === ']',
      start: open.start,
      end: close.end,
    };
  }

  #bound(before: Token): Scalar | undefined {
    const token = this.#peek();
    if (token?.kind !== 'word' && token?.kind !== 'string') {
      fail(
        `Expected a bound after ${before.text}; write * for an open end`,
        token ?? before,
        token?.kind === 'to'
          ? '* TO'
          : token?.kind === 'range-close'
            ? `*${token.text}`
            : undefined,
      );
    }
    this.#next++;
    const scalar = scalarOf(token);
    if (isAnything(scalar)) return undefined;
    if (literalText(scalar) === undefined) {
      fail('A bound of a range cannot have wildcards; a lone * is an open end', token, '*');
    }
    return scalar;
  }

  #list(): List {
    const open = this.#take('open');
    const items: Scalar[] = [];
    let join: 'or' | 'and' | undefined;
    let separated = true;
    for (;;) {
      const token = this.#peek();
      if (token === undefined) fail('This list is not closed', open);
      this.#next++;
      if (token.kind === 'close') {
        if (items.length === 0) fail('Expected at least one value in the list', token);
        if (separated && this.#tokens[this.#next - 2]?.kind !== 'comma') {
          fail(`Expected a value before the closing parenthesis of the list`, token);
        }
        return { kind: 'list', join: join ?? 'or', items, start: open.start, end: token.end };
      }
      if (token.kind === 'word' || token.kind === 'string') {
        // Values side by side are alternatives, as with a comma.
        if (!separated) join = agree(join, 'or', token);
        items.push(scalarOf(token));
        separated = false;
        continue;
      }
      if (separated) fail(`Expected a value before ${token.text} in the list`, token, '');
      if (token.kind !== 'comma' || this.#peek()?.kind !== 'close') {
        join = agree(join, token.kind === 'and' ? 'and' : 'or', token);
      }
      separated = true;
    }
  }

  #scalar(): Scalar {
    const token = this.#peek();
    if (token?.kind !== 'word' && token?.kind !== 'string') {
      const end = { start: this.#text.length, end: this.#text.length };
      fail('Expected a value', token ?? end);
    }
    this.#next++;
    return scalarOf(token);
  }

  #function(name: Token): Node {
    this.#next++;
    this.#take('open');
    const token = this.#peek();
    if (token?.kind !== 'key') {
      fail(`Expected a key inside ${name.text}(…)`, token ?? name);
    }
    this.#next++;
    const key = keyOf(token);
    if (name.text === 'CIDR') return this.#cidr(name, key);
    const extra = this.#peek();
    if (extra?.kind !== 'close') fail(`${name.text} takes one key`, extra ?? name);
    this.#next++;
    this.#take('colon');
    const value = this.#value();
    const place = { start: name.start, end: value.end };
    if (name.text === 'LEN') {
      if (value.kind !== 'comparison') {
        fail('Expected a comparison after LEN(…):, as in LEN(@error.stack):>1000', value);
      }
      return { kind: 'length', key, comparison: value, ...place };
    }
    if (value.kind !== 'scalar') fail('Expected a word or a quoted phrase after LOWER(…):', value);
    return { kind: 'lower', key, scalar: value.scalar, ...place };
  }

  #cidr(name: Token, key: Key): Node {
    const networks: Scalar[] = [];
    for (;;) {
      const token = this.#peek();
      if (token?.kind === 'close') {
        if (networks.length === 0) {
          fail(
            'Expected a network inside CIDR(…), as in CIDR(@network.client.ip, 10.0.0.0/8)',
            token,
          );
        }
        this.#next++;
        return { kind: 'cidr', key, networks, start: name.start, end: token.end };
      }
      if (this.#accept('comma') === undefined)
        fail('Expected a comma inside CIDR(…)', token ?? name, ', ');
      networks.push(this.#scalar());
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #accept(kind: TokenKind): Token | undefined {
    const token = this.#peek();
    if (token?.kind !== kind) return undefined;
    this.#next++;
    return token;
  }

  /** The lexer gives these tokens only in this order, so a miss is a fault of ours and not of the query. */
  #take(kind: TokenKind): Token {
    const token = this.#accept(kind);
    if (token === undefined) {
      throw new Error(
        `Cannot parse query: the lexer left out a ${kind} token before token ${this.#next}`,
      );
    }
    return token;
  }
}

function agree(found: 'or' | 'and' | undefined, join: 'or' | 'and', token: Token): 'or' | 'and' {
  if (found !== undefined && found !== join) {
    fail('A list joins all its values by OR or all by AND; use two terms for a mixture', token);
  }
  return join;
}

function operatorOf(token: Token): ComparisonOperator {
  switch (token.text) {
    case '>':
    case '>=':
    case '<':
    case '<=':
      return token.text;
    default:
      throw new Error(`Cannot parse query: the lexer gave ${token.text} as a comparison`);
  }
}

function keyOf(token: Token): Key {
  return { sigil: token.sigil, name: token.text, start: token.start, end: token.end };
}

function scalarOf(token: Token): Scalar {
  return { pieces: token.pieces, start: token.start, end: token.end };
}

function placeOf(token: Token): Place {
  return { start: token.start, end: token.end };
}

function cover(nodes: readonly Node[]): Place {
  return { start: nodes[0]?.start ?? 0, end: nodes.at(-1)?.end ?? 0 };
}
