import type { Node } from './ast.ts';
import { checkQuery, namesItsTraces } from './check-query.ts';
import { compileMatcher } from './matcher.ts';
import { parseSyntax } from './parser.ts';
import type { Predicate } from './predicate.ts';
import { type Hint, type Problem, ProblemSignal } from './problem.ts';
import type { SpanView } from './span-view.ts';

/** A query that can be run. */
export interface Query {
  /** As it was written. */
  readonly text: string;
  /** What was written, for editors and `formatQuery`. */
  readonly tree: Node;
  /** What it means, for the evaluator and the SQL compiler. */
  readonly predicate: Predicate;
  /** The query names its traces by id, so a time range would only hide them. */
  readonly ignoresTimeRange: boolean;
}

/** What a query is read against. */
export interface ParseOptions {
  /** What `now` means in timestamps, in nanoseconds since the epoch. Without it `now-5m` is a problem. */
  readonly now?: bigint;
  /** Attribute keys that exist: a key in the wrong case then falls back to the known one, with a hint. */
  readonly knownKeys?: Iterable<string>;
}

/** The outcome of reading a query: a mistyped one is an expected outcome, not an exception. */
export type ParseResult =
  | { readonly ok: true; readonly query: Query; readonly hints: readonly Hint[] }
  | { readonly ok: false; readonly problem: Problem };

/** Reads and checks a query. The empty query asks for everything. */
export function parseQuery(text: string, options: ParseOptions = {}): ParseResult {
  const parsed = parseSyntax(text);
  if (!parsed.ok) return parsed;
  const { tree } = parsed;
  try {
    const { predicate, hints } = checkQuery(tree, {
      text,
      now: options.now,
      knownKeys: new Set(options.knownKeys),
    });
    const ignoresTimeRange = namesItsTraces(predicate);
    return { ok: true, query: { text, tree, predicate, ignoresTimeRange }, hints };
  } catch (error) {
    if (error instanceof ProblemSignal) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Whether one span is what the query asks for. To test many, compile the predicate once with `compileMatcher`. */
export function matches(query: Query, span: SpanView): boolean {
  return compileMatcher(query.predicate)(span);
}
