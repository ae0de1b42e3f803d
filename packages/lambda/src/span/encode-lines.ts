// Spans as lines of the function's log, for whoever reads it. No line is longer than one log event may be.
import { hex64 } from '../context/trace-context.ts';
import { nanos } from './encode-msgpack.ts';
import type { Span } from './span.ts';

const lineLimit = 65_536;

/** One chunk as lines, each a `{"traces":[[…]]}` of its own. A span too long for any line is left out. */
export function encodeLines(spans: readonly Span[]): string {
  let lines = '';
  let line = '';
  for (const span of spans) {
    const json = spanJson(span);
    if (Buffer.byteLength(json) + 16 > lineLimit) continue;
    if (line !== '' && Buffer.byteLength(line) + Buffer.byteLength(json) + 16 > lineLimit) {
      lines += `{"traces":[[${line}]]}\n`;
      line = '';
    }
    line += line === '' ? json : `,${json}`;
  }
  return line === '' ? lines : `${lines}{"traces":[[${line}]]}\n`;
}

function spanJson(span: Span): string {
  const fields = JSON.stringify({
    trace_id: hex64(span.trace.traceId),
    span_id: hex64(span.id),
    parent_id: hex64(span.parentId),
    name: span.name,
    resource: span.resource,
    service: span.service,
    ...(span.type === '' ? {} : { type: span.type }),
    error: span.error,
    meta: span.meta,
    metrics: span.metrics,
  });
  // As digits, not as numbers: nanoseconds since the epoch need more bits than a number has.
  return `${fields.slice(0, -1)},"start":${nanos(span.startMs)},"duration":${nanos(span.durationMs)}}`;
}
