import { ServerError } from './server-client.ts';
import { UsageError } from './usage-error.ts';

/**
 * Shows the place of a problem in a query below what was typed.
 *
 *     Unknown facet sevice; did you mean service?
 *       sevice:checkout
 *       ^^^^^^
 */
export function explainQueryProblem(error: unknown, query: string): unknown {
  if (!(error instanceof ServerError) || error.code !== 'BAD_QUERY') return error;
  const { start, end } = error.details ?? {};
  // Where the query has line breaks a mark below it would point to nothing.
  if (typeof start !== 'number' || typeof end !== 'number' || /[\n\t]/.test(query)) return error;
  const mark = ' '.repeat(start) + '^'.repeat(Math.max(1, end - start));
  return new UsageError(`${error.message}\n  ${query}\n  ${mark}`, { cause: error });
}
