import type { SpanJson, TraceResponse } from '@spanloom/contract';
import { formatDuration } from './format-values.ts';
import type { Output } from './output.ts';
import { clip, plainText } from './plain-text.ts';

/** Which world a span is from, in as many letters for each. */
const MARKS: Readonly<Record<SpanJson['source'], string>> = {
  datadog: 'apm',
  otlp: 'otl',
  xray: 'xry',
  inferred: 'inf',
  other: 'oth',
};
const BAR_WIDTH = 24;
const DURATION_WIDTH = 9;
/** Beyond it there is no room for a tree beside the bars. */
const WIDTH_WITH_BARS = 110;

/**
 * The spans of a trace, a line each:
 *
 *     apm  orders-api POST /orders                 812 ms  ████████████████████████
 *     apm  ├─ checkout aws.lambda checkout         210 ms         ██████            error
 *     xry  │  └─ Invocation                        180 ms          █████
 */
export function* traceTree(
  trace: TraceResponse,
  output: Output,
  options: { readonly hidden: boolean },
): Generator<string> {
  const spans = trace.spans.filter((span) => options.hidden || !span.hidden);
  const branches = branchesOf(spans.map(({ depth }) => depth));
  const withBars = output.width >= WIDTH_WITH_BARS;
  const textWidth = Math.max(
    24,
    output.width - 5 - DURATION_WIDTH - 4 - 'unfinished'.length - (withBars ? BAR_WIDTH + 2 : 0),
  );
  for (const [index, span] of spans.entries()) {
    const text = clip(`${branches[index]}${plainText(labelOf(span))}`, textWidth).padEnd(textWidth);
    const status = statusOf(span);
    const line = [
      output.tone('dim', MARKS[span.source]),
      span.hidden ? output.tone('dim', text) : text,
      formatDuration(span.duration_ns).padStart(DURATION_WIDTH),
      ...(withBars ? [barOf(span, trace)] : []),
      status === '' ? '' : output.tone(span.error === 1 ? 'bad' : 'dim', status),
    ];
    yield line.join('  ').trimEnd();
  }
}

/** What stands before each line of a tree given as depths, a parent before its children. */
export function branchesOf(depths: readonly number[]): string[] {
  const lines: string[] = Array.from({ length: depths.length });
  // From the end: whether a sibling follows below is then known for each level that is open.
  let open: boolean[] = [];
  for (let index = depths.length - 1; index >= 0; index--) {
    const depth = depths[index]!;
    let line = '';
    for (let level = 1; level < depth; level++) line += open[level] === true ? '│  ' : '   ';
    if (depth > 0) line += open[depth] === true ? '├─ ' : '└─ ';
    lines[index] = line;
    open = open.slice(0, depth + 1);
    open[depth] = true;
  }
  return lines;
}

function labelOf(span: SpanJson): string {
  const what = [span.service, span.name, span.resource].filter((text) => text !== '');
  return what.filter((text, index) => text !== what[index - 1]).join(' ');
}

function statusOf(span: SpanJson): string {
  const words = [
    ...(span.error === 1 ? ['error'] : []),
    ...(span.unfinished ? ['unfinished'] : []),
    ...(span.hidden ? [`hidden: ${plainText(span.hidden_reason ?? '')}`] : []),
  ];
  return words.join(', ');
}

function barOf(span: SpanJson, trace: TraceResponse): string {
  const whole = Math.max(trace.duration_ns, 1);
  const offset = Number(BigInt(span.start_ns) - BigInt(trace.start_ns));
  const start = clamp(Math.floor((offset / whole) * BAR_WIDTH), 0, BAR_WIDTH - 1);
  const length = clamp(Math.round((span.duration_ns / whole) * BAR_WIDTH), 1, BAR_WIDTH - start);
  return `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(BAR_WIDTH);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
