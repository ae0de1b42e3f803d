import type { DurationNanos, EpochNanos, TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { apm, INVOCATION, metadata, T63, xray, xrayRequest } from './lambda-world.test.support.ts';

/**
 * A trace of many requests, each of them reported by X-Ray and by a tracer that took X-Ray's context over, with a host above all.
 *
 * @param count How many spans, the host's included.
 */
export function mergedTrace(count: number): Span[] {
  const model = xray([...xrayRequest('prod'), metadata({ lambda_function_tags: {} })]).filter(
    ({ meta }) => meta['xray.name'] !== 'datadog-metadata' && meta['xray.document'] !== 'inferred',
  );
  const root = apm(1n, 'web.request', [0, 900_000], { env: 'prod', kind: 'server' });
  const spans: Span[] = [root];
  for (let request = 0; spans.length < count; request++) {
    spans.push(...oneRequest(model, request).slice(0, count - spans.length));
  }
  return spans;
}

/** Twenty spans. Whole requests only make the tree complete: ask for a multiple of 20, plus 1. */
function oneRequest(model: readonly Span[], request: number): Span[] {
  // Spread over all 64 bits, as ids are.
  const unique = (id: bigint): bigint =>
    BigInt.asUintN(64, id * (BigInt(request) * 0x9e37_79b9_7f4a_7c15n + 1n)) | 1n;
  const shift = BigInt(request) * 1_000_000n;
  const requestId = `5a7e0b1c-2222-4c3d-9e9e-${String(request).padStart(12, '0')}`;
  const copies = model.map((span): Span => {
    const meta = { ...span.meta };
    if (meta['request_id'] !== undefined) meta['request_id'] = requestId;
    return {
      ...span,
      spanId: unique(span.spanId),
      parentId: span.parentId === undefined ? 1n : unique(span.parentId),
      start: (span.start + shift) as EpochNanos,
      meta,
    };
  });
  const home = unique(INVOCATION);
  const at = (start: number, end: number): [number, number] => [start + request, end + request];
  const lambda = unique(0x5555_0000n);
  const trigger = unique(0x6666_0000n);
  const traceId: TraceId = { hi: 0n, lo: T63 };
  const common = { traceId, env: 'prod' };
  const made: Span[] = [
    apm(trigger, 'aws.apigateway', at(251, 1151), {
      ...common,
      parentId: home,
      meta: { '_inferred_span.tag_source': 'self', apiid: 'k3j4h5g6f7', stage: 'prod' },
    }),
    apm(lambda, 'aws.lambda', at(621, 1149), {
      ...common,
      parentId: trigger,
      functionName: 'orders-api',
      meta: { request_id: requestId, '_dd.parent_source': 'xray', cold_start: 'false' },
    }),
  ];
  for (let child = 0; made.length + copies.length < 20; child++) {
    made.push(
      apm(unique(BigInt(0x7777_0000 + child)), 'postgres.query', at(650 + child, 650 + child + 1), {
        ...common,
        parentId: lambda,
        duration: 500_000 as DurationNanos,
        meta: { 'db.system': 'postgres', 'db.statement': 'SELECT 1', component: 'pg' },
        metrics: { 'db.row_count': child },
      }),
    );
  }
  return [...copies, ...made];
}
