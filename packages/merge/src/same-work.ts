import type { Span } from '@spanloom/model';
import type { TraceDraft } from './trace-draft.ts';

/** Where tracers keep the id that AWS gave a call. */
const CALL_ATTRIBUTES = [
  'aws.request_id',
  'aws.response.request_id',
  'aws.requestId',
  'aws.requestid',
  'aws_request_id',
];

/**
 * Folds away what both worlds recorded of one piece of work: the same AWS call, where a function has both an X-Ray SDK and a
 * tracer; and the same span, where one SDK reports to X-Ray and here. The tracer's span stays: it knows more.
 */
export function hideSameWork(draft: TraceDraft): void {
  const { spans } = draft;
  if (!spans.some(({ source }) => source === 'xray')) return;
  if (spans.every(({ source }) => source === 'xray')) return;
  const calls = new Map<string, number>();
  const ids = new Map<bigint, number>();
  spans.forEach((span, at) => {
    if (span.source === 'xray') return;
    if (span.source === 'otlp') ids.set(span.spanId, at);
    const call = callIdOf(span);
    if (call !== '' && !calls.has(call)) calls.set(call, at);
  });
  if (calls.size === 0 && ids.size === 0) return;
  spans.forEach((span, at) => {
    if (span.source !== 'xray' || span.meta['xray.document'] === 'inferred') return;
    const twin = ids.get(span.spanId);
    if (twin !== undefined && isSameTrace(span, spans[twin]!)) {
      const reason = 'The same span, reported to X-Ray and here';
      draft.hide(at, { by: twin, heir: twin, reason });
      return;
    }
    const call = span.meta['xray.document'] === 'subsegment' ? callIdOf(span) : '';
    const same = call === '' ? undefined : calls.get(call);
    if (same === undefined || draft.isBelow(same, at)) return;
    const reason = `The same AWS call, ${call}, as the tracer recorded it`;
    draft.hide(at, { by: same, heir: same, reason });
  });
}

function callIdOf({ kind, name, meta }: Span): string {
  // Lambda's own records and the functions' spans state ids of invocations, not of calls.
  if (kind === 'server' || kind === 'consumer' || name === 'aws.lambda') return '';
  for (const attribute of CALL_ATTRIBUTES) {
    const id = meta[attribute];
    if (id !== undefined && id !== '') return id;
  }
  return '';
}

function isSameTrace(a: Span, b: Span): boolean {
  return a.traceId.lo === b.traceId.lo && a.traceId.hi === b.traceId.hi;
}
