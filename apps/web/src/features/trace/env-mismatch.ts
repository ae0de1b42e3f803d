import type { TraceResponse } from '@spanloom/contract';

/** Two halves that were kept apart because they are of different environments. */
export interface EnvMismatch {
  /** Names both. */
  readonly message: string;
  /** The trace with the other half, where a link leads there. */
  readonly otherTraceId: string | undefined;
}

/** The environments that kept halves apart, with the way to the other one; undefined where none did. */
export function envMismatch(trace: TraceResponse): EnvMismatch | undefined {
  const problem = trace.problems.find(({ kind }) => kind === 'env_mismatch');
  if (problem === undefined) return undefined;
  for (const span of trace.spans) {
    for (const link of span.links) {
      const { attributes = {} } = link;
      if ('xray.env_mismatch' in attributes || attributes['reason'] === 'xray.env_mismatch')
        return { message: problem.message, otherTraceId: link.trace_id };
    }
  }
  return { message: problem.message, otherTraceId: undefined };
}
