import type {
  CidrNode,
  Comparison,
  FieldNode,
  Key,
  LengthNode,
  List,
  LowerNode,
  Node,
  Place,
  Range,
  Scalar,
  TextNode,
} from './ast.ts';
import { checkRange, checkScalar } from './check-value.ts';
import type { Bounds, Checked, Subject } from './checked.ts';
import { parseNetwork } from './ip-network.ts';
import { findReservedKey, reservedKeys, resolveKey, type Target } from './keys.ts';
import { nearest } from './nearest.ts';
import { type AttributeTest, join, NOTHING, type Predicate, type TextTest } from './predicate.ts';
import { fail, type Hint } from './problem.ts';
import { ceilOf, floorOf, parseQuantity } from './quantity.ts';
import { regexProblem } from './regex.ts';
import { literalText, lowerPieces, showScalar } from './scalar.ts';

/** What checking needs to know beside the query. */
export interface CheckContext {
  readonly text: string;
  /** What `now` means in timestamps, in nanoseconds since the epoch. */
  readonly now: bigint | undefined;
  /** Attribute keys that exist; enables the fallback for keys in the wrong case. */
  readonly knownKeys: ReadonlySet<string>;
}

/** Looks up keys, types values and converts units. Throws a `ProblemSignal` for what cannot be meant. */
export function checkQuery(
  tree: Node,
  context: CheckContext,
): { readonly predicate: Predicate; readonly hints: readonly Hint[] } {
  const checker = new Checker(context);
  return { predicate: checker.node(tree), hints: checker.hints };
}

/**
 * Whether the predicate can only match spans of traces it names, so that a time range would only hide them.
 */
export function namesItsTraces(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'trace':
      return true;
    case 'and':
      return predicate.operands.some(namesItsTraces);
    case 'or':
      return predicate.operands.every(namesItsTraces);
    default:
      return false;
  }
}

class Checker {
  readonly hints: Hint[] = [];
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  node(node: Node): Predicate {
    switch (node.kind) {
      case 'all':
        return { kind: 'everything' };
      case 'and':
      case 'or':
        return join(
          node.kind,
          node.operands.map((operand) => this.node(operand)),
        );
      case 'not':
        return { kind: 'not', operand: this.node(node.operand) };
      case 'field':
        return this.#field(node);
      case 'exists': {
        const present = presence(this.#resolve(node.key));
        return node.present ? present : { kind: 'not', operand: present };
      }
      case 'text':
        return this.#text(node);
      case 'cidr':
        return this.#cidr(node);
      case 'lower':
        return this.#lower(node);
      case 'length':
        return this.#length(node);
    }
  }

  #field(node: FieldNode): Predicate {
    const target = this.#resolve(node.key);
    const { value } = node;
    switch (value.kind) {
      case 'scalar':
        return this.#take(checkScalar(this.#subject(node.key, target), value.scalar));
      case 'list':
        return this.#list(node, target, value);
      case 'comparison':
        return this.#take(
          checkRange(this.#subject(node.key, target), comparisonBounds(value), value),
        );
      case 'range':
        return this.#take(checkRange(this.#subject(node.key, target), rangeBounds(value), value));
      case 'regex': {
        const problem = regexProblem(value.pattern);
        if (problem !== undefined) fail(`Cannot use this pattern: ${problem}`, value);
        return this.#textTest(
          node.key,
          target,
          { kind: 'regex', pattern: value.pattern },
          'a pattern',
        );
      }
    }
  }

  #list(node: FieldNode, target: Target, list: List): Predicate {
    const subject = this.#subject(node.key, target);
    return join(
      list.join,
      list.items.map((item) => this.#take(checkScalar(subject, item))),
    );
  }

  #text(node: TextNode): Predicate {
    const { pieces } = node.scalar;
    if (!node.everywhere) this.#hintAboutText(node);
    // Spaces alone and lone wildcards are in every text.
    if (pieces.every((piece) => typeof piece === 'object' && piece.wildcard === '*')) {
      return { kind: 'everything' };
    }
    return { kind: 'free-text', pieces, everywhere: node.everywhere };
  }

  #hintAboutText(node: TextNode): void {
    const written = this.#context.text.slice(node.start, node.end);
    const place = { start: node.start, end: node.end };
    if (/^(?:and|or|not)$/i.test(written)) {
      const suggestion = written.toUpperCase();
      const message = `"${written}" is searched for as text; write ${suggestion} to join terms`;
      this.hints.push({ message, suggestion, ...place });
    } else if (written === '&&' || written === '||') {
      const suggestion = written === '&&' ? 'AND' : 'OR';
      const message = `"${written}" is searched for as text; write ${suggestion} to join terms`;
      this.hints.push({ message, suggestion, ...place });
    } else if (/^@[^\s"]+$/.test(written)) {
      const message = `"${written}" is searched for as text; to find spans that have the attribute write ${written}:*`;
      this.hints.push({ message, suggestion: `${written}:*`, ...place });
    } else if (/^@?[A-Za-z_][\w.]*=[^\s"=]+$/.test(written)) {
      const suggestion = written.replace('=', ':');
      const message = `"${written}" is searched for as text; a key and its value are joined by a colon`;
      this.hints.push({ message, suggestion, ...place });
    }
  }

  #cidr(node: CidrNode): Predicate {
    const networks = node.networks.map((scalar) => {
      const text = literalText(scalar);
      const network = text === undefined ? undefined : parseNetwork(text);
      return (
        network ??
        fail(
          `Cannot read "${showScalar(scalar)}" as a network: write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32`,
          scalar,
        )
      );
    });
    return this.#textTest(node.key, this.#resolve(node.key), { kind: 'network', networks }, 'CIDR');
  }

  #lower(node: LowerNode): Predicate {
    const pieces = lowerPieces(node.scalar.pieces);
    const test: TextTest = { kind: 'like', pieces, fold: true };
    return this.#textTest(node.key, this.#resolve(node.key), test, 'LOWER');
  }

  #length(node: LengthNode): Predicate {
    const { bound, operator } = node.comparison;
    const text = literalText(bound);
    const quantity = text === undefined ? undefined : parseQuantity(text);
    if (quantity?.dimension !== 'number') {
      fail(
        `Cannot read "${showScalar(bound)}" as a length: write a number of characters, as in LEN(@error.stack):>1000`,
        bound,
      );
    }
    const low =
      operator === '>' ? floorOf(quantity) + 1n : operator === '>=' ? ceilOf(quantity) : 0n;
    const high =
      operator === '<' ? ceilOf(quantity) - 1n : operator === '<=' ? floorOf(quantity) : undefined;
    if (high !== undefined && high < 0n) return NOTHING;
    const min = low < 0n ? 0 : Number(low);
    const test: TextTest = {
      kind: 'length',
      min,
      ...(high === undefined ? {} : { max: Number(high) }),
    };
    return this.#textTest(node.key, this.#resolve(node.key), test, 'LEN');
  }

  /** A test that only text can be put to. */
  #textTest(
    key: Key,
    target: Target,
    test: Exclude<TextTest, { kind: 'equals' }>,
    what: string,
  ): Predicate {
    switch (target.kind) {
      case 'text':
        return { kind: 'text', field: target.field, test };
      case 'http-status':
        return { kind: 'text', field: 'httpStatus', test };
      case 'attribute':
        return { kind: 'attribute', key: target.key, test: test satisfies AttributeTest };
      default:
        return fail(`${show(key)} is not text, so ${what} cannot be used with it`, key);
    }
  }

  #subject(key: Key, target: Target): Subject {
    return { name: show(key), target, key, now: this.#context.now };
  }

  #take(checked: Checked): Predicate {
    if (checked.hint !== undefined) this.hints.push(checked.hint);
    return checked.predicate;
  }

  #resolve(key: Key): Target {
    const exact = resolveKey(key.sigil, key.name);
    if (exact.kind !== 'attribute' || this.#context.knownKeys.has(key.name)) return exact;
    const reserved = key.sigil === '' ? this.#reservedInOtherCase(key) : undefined;
    if (reserved !== undefined) return reserved;
    const lower = key.name.toLowerCase();
    for (const known of this.#context.knownKeys) {
      if (known.toLowerCase() !== lower) continue;
      this.#hint(
        key,
        `No key ${show(key)} is known; read as ${key.sigil}${known}`,
        key.sigil + known,
      );
      return resolveKey(key.sigil, known);
    }
    if (key.sigil === '') this.#hintAboutTypo(key);
    return exact;
  }

  #reservedInOtherCase(key: Key): Target | undefined {
    const lower = key.name.toLowerCase();
    if (lower === key.name || findReservedKey(lower) === undefined) return undefined;
    this.#hint(key, `Keys are case-sensitive; read as ${lower}`, lower);
    return resolveKey('', lower);
  }

  #hintAboutTypo(key: Key): void {
    const meant = nearest(
      key.name,
      reservedKeys.map((reserved) => reserved.name),
    );
    if (meant === undefined || key.name.length < 3) return;
    this.#hint(
      key,
      `${key.name} is not a reserved key and is read as a tag; did you mean ${meant}?`,
      meant,
    );
  }

  #hint(place: Place, message: string, suggestion: string): void {
    this.hints.push({ message, start: place.start, end: place.end, suggestion });
  }
}

function presence(target: Target): Predicate {
  switch (target.kind) {
    case 'text':
      return { kind: 'text', field: target.field, test: { kind: 'present' } };
    case 'http-status':
      return { kind: 'text', field: 'httpStatus', test: { kind: 'present' } };
    case 'attribute':
      return { kind: 'attribute', key: target.key, test: { kind: 'present' } };
    case 'span-id':
      return target.field === 'spanId'
        ? { kind: 'everything' }
        : { kind: 'not', operand: { kind: 'flag', flag: 'root' } };
    case 'span-kind':
      return { kind: 'not', operand: { kind: 'span-kind', values: ['unspecified'] } };
    // Every span has these.
    case 'duration':
    case 'start':
    case 'status':
    case 'source':
    case 'flag':
    case 'trace-id':
      return { kind: 'everything' };
  }
}

function comparisonBounds(comparison: Comparison): Bounds {
  const bound: { scalar: Scalar; inclusive: boolean } = {
    scalar: comparison.bound,
    inclusive: comparison.operator.endsWith('='),
  };
  return comparison.operator.startsWith('>') ? { low: bound } : { high: bound };
}

function rangeBounds(range: Range): Bounds {
  return {
    ...(range.low === undefined
      ? {}
      : { low: { scalar: range.low, inclusive: range.lowInclusive } }),
    ...(range.high === undefined
      ? {}
      : { high: { scalar: range.high, inclusive: range.highInclusive } }),
  };
}

function show(key: Key): string {
  return `${key.sigil}${key.name}`;
}
