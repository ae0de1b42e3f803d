import type { TraceProblem, TraceResponse } from '@spanloom/contract';
import { formatDuration } from '@spanloom/flame';

/** Problems of one kind. */
export interface ProblemGroup {
  readonly title: string;
  /** Spans concerned. */
  readonly count: number;
  /** A fact about the trace rather than a fault of the data. */
  readonly notice: boolean;
  readonly problems: readonly Pick<TraceProblem, 'span_id' | 'message' | 'count'>[];
}

const TITLES: Readonly<Record<TraceProblem['kind'], string>> = {
  missing_root: 'Root not received',
  missing_parent: 'Parents not received',
  env_mismatch: 'Different environments',
  trace_id_collision: 'Several traces under one ID',
  cycle: 'Cycles',
  multiple_roots: 'Several roots',
  duplicate_span: 'Spans received twice',
  duplicate_span_id: 'Spans that share an ID',
  partial_version: 'Superseded parts of spans',
  clock_skew: 'Clocks that differ',
  truncated: 'Cut short',
  limit_exceeded: 'Cut by X-Ray',
};

/** What is wrong or noteworthy about a trace, by kind, in the order of how much it changes the picture. */
export function groupProblems(trace: TraceResponse): readonly ProblemGroup[] {
  const groups: ProblemGroup[] = [];
  for (const kind of Object.keys(TITLES) as TraceProblem['kind'][]) {
    const problems = trace.problems.filter((problem) => problem.kind === kind);
    if (problems.length === 0) continue;
    const count = problems.reduce((sum, problem) => sum + problem.count, 0);
    groups.push({ title: TITLES[kind], count, notice: false, problems });
  }
  const unfinished = trace.spans.filter((span) => span.unfinished && !span.hidden);
  if (unfinished.length > 0) {
    groups.push({
      title: 'Did not finish',
      count: unfinished.length,
      notice: true,
      problems: unfinished.map((span) => ({
        span_id: span.span_id,
        count: 1,
        message: `${span.service} ${span.name}: no end was received; seen for ${formatDuration(span.duration_ns)}.`,
      })),
    });
  }
  return groups;
}

/** `12.0 ms behind` for a clock that needs 12 ms added. */
export function skewWords(skewNs: number): string {
  return `${formatDuration(Math.abs(skewNs))} ${skewNs > 0 ? 'behind' : 'ahead'}`;
}

/** How many parents are not here. */
export function missingParents(trace: TraceResponse): number {
  return trace.problems.filter(({ kind }) => kind === 'missing_parent').length;
}
