import { parseQuery, type Problem, tokens } from '@spanloom/query';
import type { SpanScope } from './url.ts';

/** What is asked of the server: the typed query, narrowed by the scope box and the environment of the header. */
export function composeQuery(q: string, scope: SpanScope, env: string | undefined): string {
  const clauses: string[] = [];
  if (q.trim() !== '' && q.trim() !== '*') clauses.push(q.trim());
  if (env !== undefined) clauses.push(`env:${JSON.stringify(env)}`);
  if (scope === 'entry') clauses.push('entry:true');
  if (scope === 'root') clauses.push('root:true');
  if (clauses.length === 0) return '*';
  // Parentheses keep a typed OR from swallowing what is added.
  return clauses.length === 1
    ? clauses[0]!
    : clauses.map((clause, i) => (i === 0 ? `(${clause})` : clause)).join(' AND ');
}

/** Why the typed query cannot run, or undefined. */
export function queryProblem(q: string, now: number = Date.now()): Problem | undefined {
  if (q.trim() === '' || q.trim() === '*') return undefined;
  const parsed = parseQuery(q, { now: BigInt(Math.round(now)) * 1_000_000n });
  return parsed.ok ? undefined : parsed.problem;
}

/** A clause that could be taken out, and the query without it. */
export interface Relaxation {
  readonly clause: string;
  readonly without: string;
}

/** The clauses of the typed query that can be taken out one at a time; none when an OR holds them together. */
export function relaxations(q: string): readonly Relaxation[] {
  const parsed = parseQuery(q, { now: 0n });
  if (!parsed.ok) return [];
  const { tree } = parsed.query;
  if (tree.kind !== 'and')
    return q.trim() === '' || q.trim() === '*' ? [] : [{ clause: q.trim(), without: '' }];
  return tree.operands.map((item) => ({
    clause: q.slice(item.start, item.end),
    without: tidy(q.slice(0, item.start), q.slice(item.end)),
  }));
}

function tidy(before: string, after: string): string {
  return `${before} ${after}`
    .trim()
    .replace(/^(?:AND\s+)+|(?:\s+AND)+$/g, '')
    .replaceAll(/\s+AND(?:\s+AND)+\s+/g, ' AND ')
    .replaceAll(/\s+/g, ' ');
}

/** Stretches of the query that are one `key:value` clause each, for the editor to draw as tokens. */
export function clauseRanges(
  q: string,
): readonly { readonly start: number; readonly end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let start = -1;
  let end = -1;
  let hasKey = false;
  let depth = 0;
  const close = (): void => {
    if (start !== -1 && hasKey) ranges.push({ start, end });
    start = -1;
    hasKey = false;
  };
  for (const token of tokens(q)) {
    const text = q.slice(token.start, token.end);
    if (depth === 0 && token.start !== end) close();
    if (token.colour === 'bracket') {
      const opens = text === '(' || text === '[' || text === '{';
      // A bracket that groups clauses is no part of one.
      if (start === -1 && depth === 0) continue;
      depth = Math.max(0, depth + (opens ? 1 : -1));
    }
    if (start === -1) start = token.start;
    end = token.end;
    if (token.colour === 'key') hasKey = true;
  }
  close();
  return ranges;
}
