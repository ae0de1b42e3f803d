/** Reading a query: syntax, meaning, or the problem with a position and a suggestion. */
export {
  matches,
  parseQuery,
  type ParseOptions,
  type ParseResult,
  type Query,
} from './parse-query.ts';
/** Problems and hints, and how a terminal shows them. */
export { describeProblem, type Hint, type Problem } from './problem.ts';
/** The syntax tree: what was written. */
export type {
  AllNode,
  CidrNode,
  Comparison,
  ComparisonOperator,
  ExistsNode,
  FieldNode,
  Key,
  LengthNode,
  List,
  LogicNode,
  LowerNode,
  Node,
  NotNode,
  Piece,
  Place,
  Range,
  Regex,
  Scalar,
  ScalarValue,
  TextNode,
  Value,
  Wildcard,
} from './ast.ts';
/** Writing a tree, or one key, as text again. */
export { formatKey, formatQuery } from './format-query.ts';
/** The meaning of a query: what the evaluator and the SQL compiler work from. */
export {
  type AttributeTest,
  type Flag,
  FREE_TEXT_ATTRIBUTES,
  type IntegerField,
  type NumberBound,
  type Predicate,
  type SpanKindName,
  type SpanSourceName,
  type TextField,
  type TextTest,
} from './predicate.ts';
/** Address blocks, as `CIDR(…)` uses them. */
export type { IpNetwork } from './ip-network.ts';
/** Evaluation in memory. */
export { compileMatcher, type SpanTest } from './matcher.ts';
/** What the evaluator needs to know of a span. */
export { type PromotedFields, promotedFields, type SpanView } from './span-view.ts';
/** The keys that need no `@`. */
export { reservedKeys, type ReservedKey } from './keys.ts';
/** Pieces of patterns, for those who compile a predicate to something else. */
export { lowerPieces, piecesText } from './scalar.ts';
/** When text counts as a number. */
export { parseNumber } from './quantity.ts';
/** Syntax colouring for editors. */
export { type Colour, type ColouredToken, tokens } from './tokens.ts';
/** Completion for editors. */
export {
  completion,
  type Completion,
  type CompletionItem,
  type SuppliedKey,
} from './completion.ts';
/** Keys whose values are grouped by or computed with, and what is computed. */
export { type Facet, parseFacet } from './facet.ts';
export type { Compute, Grouping, GroupOrder, TimeBuckets } from './aggregation.ts';
export type { Target } from './keys.ts';
