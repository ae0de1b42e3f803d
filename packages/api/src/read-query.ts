import { BadRequestError, type EpochMillis, millisToNanos } from '@spanloom/base';
import type { SpansSearchResponse } from '@spanloom/contract';
import { parseQuery, type Query } from '@spanloom/query';

/**
 * Reads a query, with hints for whoever wrote it.
 * @throws {BadRequestError} That says where it is wrong.
 */
export function readQuery(
  text: string,
  now: EpochMillis,
): {
  query: Query;
  warnings: SpansSearchResponse['meta']['warnings'];
} {
  // `*` is how the vendor's clients spell "everything"; in our language that is the empty query.
  const parsed = parseQuery(text.trim() === '*' ? '' : text, { now: millisToNanos(now) });
  if (!parsed.ok) {
    const { message, start, end, suggestion } = parsed.problem;
    throw new BadRequestError(
      suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`,
      {
        code: 'BAD_QUERY',
        details: { start, end, ...(suggestion !== undefined && { suggestion }) },
      },
    );
  }
  return {
    query: parsed.query,
    warnings: parsed.hints.map((hint) => ({
      code: 'query_hint',
      title: 'Query hint',
      detail: hint.message,
    })),
  };
}
