import {
  formatKey,
  formatQuery,
  type Key,
  type Node,
  parseFacet,
  parseQuery,
  piecesText,
  type Predicate,
  type Scalar,
} from '@spanloom/query';

/** What the query says about one facet. */
export interface FacetSelection {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  /** The query limits the facet in a way that is no list of values: a pattern, a range, an OR with something else. */
  readonly other: boolean;
}

/** Both ends included, nanoseconds; an open end is undefined. */
export interface DurationLimits {
  readonly minNs: number | undefined;
  readonly maxNs: number | undefined;
}

const NOWHERE = { start: 0, end: 0 } as const;
const NOTHING_CHOSEN: FacetSelection = { included: [], excluded: [], other: false };

/** Which values of the facet the query asks for and which it leaves out. A query that cannot be read says nothing. */
export function facetSelection(q: string, facet: string): FacetSelection {
  const included = new Set<string>();
  const excluded = new Set<string>();
  let other = false;
  for (const clause of clausesOf(q) ?? []) {
    if (!mentions(clause, facet)) continue;
    const values = listedValues(clause, facet);
    const left = clause.kind === 'not' ? listedValues(clause.operand, facet) : undefined;
    for (const value of values ?? []) included.add(value);
    for (const value of left ?? []) excluded.add(value);
    if (values === undefined && left === undefined) other = true;
  }
  if (included.size === 0 && excluded.size === 0 && !other) return NOTHING_CHOSEN;
  return { included: [...included], excluded: [...excluded], other };
}

/** The query without its clauses on the facet: what the facet's own counts are made of. Undefined for an unreadable query. */
export function withoutFacet(q: string, facet: string): string | undefined {
  return rewrite(q, (clause) => isOnlyAbout(clause, facet), []);
}

/** The query with exactly these values of the facet asked for and left out. Its other clauses stay as they were typed. */
export function withSelection(
  q: string,
  facet: string,
  { included, excluded }: Pick<FacetSelection, 'included' | 'excluded'>,
): string | undefined {
  return rewrite(q, (clause) => isListOf(clause, facet), [
    ...clauseFor(facet, included),
    ...clauseFor(facet, excluded).map((operand): Node => ({ kind: 'not', operand, ...NOWHERE })),
  ]);
}

/** The query with the facet limited to this one value and nothing else said about it; undefined stands for "has no value". */
export function withOnly(q: string, facet: string, value: string | undefined): string | undefined {
  const clauses: Node[] =
    value === undefined
      ? [{ kind: 'exists', key: keyOf(facet), present: false, ...NOWHERE }]
      : clauseFor(facet, [value]);
  return rewrite(q, (clause) => isOnlyAbout(clause, facet), clauses);
}

/** The query that also demands what a second one says. */
export function withClauses(q: string, more: string): string | undefined {
  const clauses = clausesOf(more);
  return clauses === undefined ? undefined : rewrite(q, () => false, clauses);
}

/** The query with text that the facet's values must contain, for finding values among many. */
export function withValueLike(q: string, facet: string, text: string): string | undefined {
  const scalar: Scalar = { pieces: [{ wildcard: '*' }, text, { wildcard: '*' }], ...NOWHERE };
  return rewrite(q, () => false, [
    {
      kind: 'field',
      key: keyOf(facet),
      value: { kind: 'scalar', scalar, ...NOWHERE },
      ...NOWHERE,
    },
  ]);
}

/** The limits that the query's own clauses set for durations. */
export function durationLimits(q: string): DurationLimits {
  let minNs: number | undefined;
  let maxNs: number | undefined;
  for (const clause of clausesOf(q) ?? []) {
    if (clause.kind !== 'field' || !isOnlyAbout(clause, 'duration')) continue;
    const parsed = parseQuery(formatQuery(clause), { now: 0n });
    const test: Predicate | undefined = parsed.ok ? parsed.query.predicate : undefined;
    if (test?.kind !== 'integer' || test.field !== 'duration') continue;
    if (test.min !== undefined && test.min > 0n) minNs = Math.max(minNs ?? 0, Number(test.min));
    if (test.max !== undefined)
      maxNs = Math.min(maxNs ?? Number.POSITIVE_INFINITY, Number(test.max));
  }
  return { minNs, maxNs };
}

/** The query with these limits for durations, written in the units people use, in place of those it had. */
export function withDuration(q: string, { minNs, maxNs }: DurationLimits): string | undefined {
  const [low, high] = [minNs, maxNs].map((ns) =>
    ns === undefined ? undefined : literal(durationText(ns)),
  );
  const key = keyOf('@duration');
  if (low === undefined && high === undefined) return rewrite(q, isDuration, []);
  const field = (value: Extract<Node, { kind: 'field' }>['value']): Node => ({
    kind: 'field',
    key,
    value,
    ...NOWHERE,
  });
  if (low !== undefined && high !== undefined) {
    return rewrite(q, isDuration, [
      field({ kind: 'range', low, high, lowInclusive: true, highInclusive: true, ...NOWHERE }),
    ]);
  }
  const bound = (low ?? high)!;
  const operator = low === undefined ? '<=' : '>=';
  return rewrite(q, isDuration, [field({ kind: 'comparison', operator, bound, ...NOWHERE })]);
}

function isDuration(clause: Node): boolean {
  return isOnlyAbout(clause, 'duration');
}

/** `50ms`, `1.5s`, `250us`: the shortest spelling that is exact. */
export function durationText(ns: number): string {
  for (const [unit, size] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const) {
    const amount = ns / size;
    if (amount >= 1) return `${Number(amount.toPrecision(12))}${unit}`;
  }
  return `${Math.round(ns)}ns`;
}

/** The parts that must all hold; undefined for a query that cannot be read. */
function clausesOf(q: string): readonly Node[] | undefined {
  const parsed = parseQuery(q.trim() === '*' ? '' : q, { now: 0n });
  if (!parsed.ok) return undefined;
  const { tree } = parsed.query;
  if (tree.kind === 'all') return [];
  return tree.kind === 'and' ? tree.operands : [tree];
}

/**
 * Takes clauses out and puts others in their place, or at the end. What stays keeps its spelling, and the result is read
 * again to be sure that it means the changed tree; where it does not, the tree is written out anew.
 */
function rewrite(
  q: string,
  takesOut: (clause: Node) => boolean,
  added: readonly Node[],
): string | undefined {
  const clauses = clausesOf(q);
  if (clauses === undefined) return undefined;
  const first = clauses.findIndex(takesOut);
  const at = first === -1 ? clauses.length : first;
  const kept = clauses.filter((clause) => !takesOut(clause));
  const tree = conjunction([...kept.slice(0, at), ...added, ...kept.slice(at)]);
  const wanted = formatQuery(tree);
  const parts: { readonly text: string; readonly index: number }[] = [];
  const put = (): void => {
    for (const clause of added)
      parts.push({ text: formatQuery(conjunction([clause])), index: Number.NaN });
  };
  clauses.forEach((clause, index) => {
    if (index === at) put();
    if (takesOut(clause)) return;
    const alone = kept.length + added.length === 1;
    parts.push({ text: alone ? q.slice(clause.start, clause.end) : spelling(q, clause), index });
  });
  if (at === clauses.length) put();
  let text = '';
  parts.forEach((part, i) => {
    const before = parts[i - 1];
    const neighbours = before !== undefined && before.index + 1 === part.index;
    const between = neighbours
      ? q.slice(clauses[before.index]!.end, clauses[part.index]!.start)
      : ' ';
    text += i === 0 ? part.text : between + part.text;
  });
  const parsed = parseQuery(text, { now: 0n });
  return parsed.ok && formatQuery(parsed.query.tree) === wanted ? text : wanted;
}

/** A clause as it was typed. An OR at the top had no need of parentheses, which it has among others. */
function spelling(q: string, clause: Node): string {
  const text = q.slice(clause.start, clause.end);
  return clause.kind === 'or' && !text.startsWith('(') ? `(${text})` : text;
}

function conjunction(operands: readonly Node[]): Node {
  const [only] = operands;
  if (only === undefined) return { kind: 'all', ...NOWHERE };
  return operands.length === 1 ? only : { kind: 'and', operands, ...NOWHERE };
}

function clauseFor(facet: string, values: readonly string[]): Node[] {
  const [only] = values;
  if (only === undefined) return [];
  const items = values.map(literal);
  return [
    {
      kind: 'field',
      key: keyOf(facet),
      value:
        items.length === 1
          ? { kind: 'scalar', scalar: items[0]!, ...NOWHERE }
          : { kind: 'list', join: 'or', items, ...NOWHERE },
      ...NOWHERE,
    },
  ];
}

function literal(text: string): Scalar {
  return { pieces: text === '' ? [] : [text], ...NOWHERE };
}

function keyOf(facet: string): Key {
  const sigil = facet.startsWith('@') ? '@' : '';
  return { sigil, name: facet.slice(sigil.length), ...NOWHERE };
}

/** Whether two spellings mean the same: `name` and `operation_name`, `duration` and `@duration`. */
export function isSameFacet(a: string, b: string): boolean {
  return a === b || identity(a) === identity(b);
}

function identity(facet: string): string {
  const target = parseFacet(facet)?.target;
  if (target === undefined) return facet;
  // A tag and an attribute of one name are the same values, found in more or fewer spellings.
  return JSON.stringify({ ...target, tag: undefined });
}

function isKey(key: Key, facet: string): boolean {
  return isSameFacet(`${key.sigil}${key.name}`, facet) || formatKey(key) === facet;
}

function mentions(node: Node, facet: string): boolean {
  switch (node.kind) {
    case 'all':
    case 'text':
      return false;
    case 'and':
    case 'or':
      return node.operands.some((operand) => mentions(operand, facet));
    case 'not':
      return mentions(node.operand, facet);
    case 'field':
    case 'exists':
    case 'cidr':
    case 'lower':
    case 'length':
      return isKey(node.key, facet);
  }
}

function isOnlyAbout(node: Node, facet: string): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.operands.every((operand) => isOnlyAbout(operand, facet));
    case 'not':
      return isOnlyAbout(node.operand, facet);
    default:
      return mentions(node, facet);
  }
}

function isListOf(node: Node, facet: string): boolean {
  return listedValues(node.kind === 'not' ? node.operand : node, facet) !== undefined;
}

/** The values a clause lists, any of which will do; undefined for what is no such list. */
function listedValues(node: Node, facet: string): readonly string[] | undefined {
  if (node.kind === 'or') {
    const parts = node.operands.map((operand) => listedValues(operand, facet));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  if (node.kind !== 'field' || !isKey(node.key, facet)) return undefined;
  const { value } = node;
  if (value.kind === 'scalar') return texts([value.scalar]);
  if (value.kind === 'list' && (value.join === 'or' || value.items.length === 1)) {
    return texts(value.items);
  }
  return undefined;
}

function texts(scalars: readonly Scalar[]): readonly string[] | undefined {
  const found = scalars.map((scalar) => piecesText(scalar.pieces));
  return found.every((text) => text !== undefined) ? found : undefined;
}
