/** Why a query cannot be run, and where. Positions are UTF-16 offsets into the query text. */
export interface Problem {
  /** What was found and what to write instead, without the position. */
  readonly message: string;
  readonly start: number;
  /** One past the last character at fault; equal to `start` when something is missing there. */
  readonly end: number;
  /** Text that would put it right in place of `start`..`end`. */
  readonly suggestion?: string;
}

/** Something the reader should know about a query that does run. Same positions as a problem. */
export interface Hint {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly suggestion?: string;
}

/**
 * Carries a problem out of the recursive descent. Thrown and caught inside this package only: callers get the
 * problem as a value, because a mistyped query is an expected outcome.
 */
export class ProblemSignal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Stops reading the query with a problem. */
export function fail(
  message: string,
  at: { readonly start: number; readonly end: number },
  suggestion?: string,
): never {
  throw new ProblemSignal({
    message,
    start: at.start,
    end: at.end,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/**
 * The problem as a terminal shows it: message, position, the query and a marker under the place.
 *
 * @param text The query the problem belongs to.
 */
export function describeProblem(text: string, problem: Problem): string {
  const width = Math.max(1, problem.end - problem.start);
  const line = text.replaceAll(/\s/g, ' ');
  const marker = `${' '.repeat(problem.start)}${'^'.repeat(width)}`;
  const instead = problem.suggestion === undefined ? '' : `\n  try: ${problem.suggestion}`;
  return `${problem.message} (at character ${problem.start + 1})\n  ${line}\n  ${marker}${instead}`;
}
