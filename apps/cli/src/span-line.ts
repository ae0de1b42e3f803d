import type { SpanEventAttributes } from '@spanloom/contract';
import { formatDuration, formatTime } from './format-values.ts';
import type { Output } from './output.ts';
import { clip, plainText } from './plain-text.ts';

const SERVICE_WIDTH = 20;
const DURATION_WIDTH = 9;

/** One span of a search as a line: when, how long, where, what, and in which trace. */
export function spanLine(span: SpanEventAttributes, output: Output): string {
  const time = formatTime(span.start_timestamp).slice(0, 23);
  const duration = formatDuration(span.custom.duration).padStart(DURATION_WIDTH);
  const service = clip(plainText(span.service), SERVICE_WIDTH).padEnd(SERVICE_WIDTH);
  const failed = span.custom.status === 'error';
  const trace = plainText(span.trace_id);
  const taken = time.length + DURATION_WIDTH + SERVICE_WIDTH + 'error'.length + trace.length + 10;
  // Narrow terminals wrap the line: a trace id that is cut is of no use.
  const width = Math.max(20, output.width - taken);
  const resource = clip(plainText(what(span)), width).padEnd(width);
  return [
    output.tone('dim', time),
    duration,
    service,
    failed ? output.tone('bad', 'error') : output.tone('good', 'ok   '),
    resource,
    output.tone('dim', trace),
  ].join('  ');
}

/** The operation as well, where the resource does not say it. */
function what(span: SpanEventAttributes): string {
  const { operation_name: name } = span.custom;
  return name === '' || name === span.resource_name
    ? span.resource_name
    : `${name} ${span.resource_name}`;
}
