/** Where a part of the query stands in its text, in UTF-16 offsets. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A wildcard outside quotes: `*` is any run of characters, `?` exactly one. */
export interface Wildcard {
  readonly wildcard: '*' | '?';
}

/** Literal text or a wildcard. Neighbouring literals are one piece; runs of `*` are one `*`. */
export type Piece = string | Wildcard;

/** A word or quoted string with its escapes resolved. No pieces at all is the empty string. */
export interface Scalar extends Place {
  readonly pieces: readonly Piece[];
}

/** A key as written: `@` asks for an attribute, no sigil for a reserved key or tag. */
export interface Key extends Place {
  readonly sigil: '@' | '';
  readonly name: string;
}

/** `>`, `>=`, `<` or `<=`. */
export type ComparisonOperator = '>' | '>=' | '<' | '<=';

/** `>5`. */
export interface Comparison extends Place {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly bound: Scalar;
}

/** `[a TO b]`, `{a TO b}` or a mixture. An absent bound was `*`. */
export interface Range extends Place {
  readonly kind: 'range';
  readonly low: Scalar | undefined;
  readonly lowInclusive: boolean;
  readonly high: Scalar | undefined;
  readonly highInclusive: boolean;
}

/** `(a OR b)`, `(a, b)`, `(a b)` or, for keys with several values, `(a AND b)`. */
export interface List extends Place {
  readonly kind: 'list';
  readonly join: 'or' | 'and';
  readonly items: readonly Scalar[];
}

/** `~"pattern"`. */
export interface Regex extends Place {
  readonly kind: 'regex';
  readonly pattern: string;
}

/** A single value. */
export interface ScalarValue extends Place {
  readonly kind: 'scalar';
  readonly scalar: Scalar;
}

/** What stands after `key:`. */
export type Value = Comparison | Range | List | Regex | ScalarValue;

/** The syntax tree of a query: what was written, before keys are looked up and values get their types. */
export type Node =
  | AllNode
  | LogicNode
  | NotNode
  | FieldNode
  | ExistsNode
  | TextNode
  | CidrNode
  | LowerNode
  | LengthNode;

/** The empty query. Only ever the root. */
export interface AllNode extends Place {
  readonly kind: 'all';
}

/** Two or more operands, none of them of the same kind as the node itself. */
export interface LogicNode extends Place {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Node[];
}

/** `-x`, `!x` or `NOT x`. */
export interface NotNode extends Place {
  readonly kind: 'not';
  readonly operand: Node;
}

/** `key:value`. */
export interface FieldNode extends Place {
  readonly kind: 'field';
  readonly key: Key;
  readonly value: Value;
}

/** `key:*` and `_exists_:key` (present), `_missing_:key` (absent). */
export interface ExistsNode extends Place {
  readonly kind: 'exists';
  readonly key: Key;
  readonly present: boolean;
}

/** Free text; `everywhere` is `*:text`, which looks into all attributes too. */
export interface TextNode extends Place {
  readonly kind: 'text';
  readonly scalar: Scalar;
  readonly everywhere: boolean;
}

/** `CIDR(key, network, …)`. */
export interface CidrNode extends Place {
  readonly kind: 'cidr';
  readonly key: Key;
  readonly networks: readonly Scalar[];
}

/** `LOWER(key):value`. */
export interface LowerNode extends Place {
  readonly kind: 'lower';
  readonly key: Key;
  readonly scalar: Scalar;
}

/** `LEN(key):>5`. */
export interface LengthNode extends Place {
  readonly kind: 'length';
  readonly key: Key;
  readonly comparison: Comparison;
}
