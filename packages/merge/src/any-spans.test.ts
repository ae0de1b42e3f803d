import {
  type DurationNanos,
  type EpochNanos,
  formatTraceId,
  joinKey,
  type TraceId,
} from '@spanloom/base';
import { type Kind, SPAN_FLAGS, type Span } from '@spanloom/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import { apm, MemoryStore } from './lambda-world.test.support.ts';

/** Few values of everything, so that ids clash, parents are found and lost, and every rule meets every other. */
const LOWS = [5n, 6n, 5n | (1n << 63n)];
const traceIds: fc.Arbitrary<TraceId> = fc.record({
  hi: fc.constantFrom(0n, 0n, 0x66f2a1c400000000n, 0x66f2a1c412345678n),
  lo: fc.constantFrom(...LOWS),
});
const spanIds = fc.bigInt({ min: 1n, max: 14n });
const names = fc.constantFrom('aws.lambda', 'aws.apigateway', 'web.request', 'work');
const environments = fc.constantFrom('', '', 'prod', 'staging');
const requestIds = fc.constantFrom('', 'r1', 'r2');

const common = {
  spanId: spanIds,
  parentId: fc.option(spanIds, { nil: undefined }),
  env: environments,
  start: fc
    .nat(30)
    .map((ms) => (1_727_177_156_000_000_000n + BigInt(ms) * 1_000_000n) as EpochNanos),
  duration: fc.nat(20).map((ms) => (ms * 1_000_000) as DurationNanos),
  service: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom<Kind>('client', 'server', 'internal'),
  flags: fc.constantFrom(0, 0, SPAN_FLAGS.partial),
};

const tracers = fc
  .record({
    ...common,
    traceId: traceIds,
    name: names,
    source: fc.constantFrom('datadog' as const, 'otlp' as const),
    requestId: requestIds,
    parentSource: fc.constantFrom('', 'xray', 'XRAY', 'event'),
    inferred: fc.boolean(),
    call: fc.constantFrom('', 'c1'),
  })
  .map(({ requestId, parentSource, inferred, call, ...fields }) =>
    apm(fields.spanId, fields.name, [0, 0], {
      ...fields,
      functionName: fields.name === 'aws.lambda' ? 'fn' : '',
      meta: {
        ...(requestId !== '' && { request_id: requestId }),
        ...(parentSource !== '' && { '_dd.parent_source': parentSource }),
        ...(inferred &&
          fields.name === 'aws.apigateway' && { '_inferred_span.tag_source': 'self' }),
        ...(call !== '' && { 'aws.request_id': call }),
      },
    }),
  );

const segments = fc
  .record({
    ...common,
    traceId: fc.record({
      hi: fc.constantFrom(0x66f2a1c400000000n, 0x66f2a1c412345678n),
      lo: fc.constantFrom(...LOWS),
    }),
    what: fc.constantFrom(
      ['segment', 'AWS::Lambda', 'aws.lambda'],
      ['segment', 'AWS::Lambda::Function', 'aws.lambda.function'],
      ['subsegment', '', 'Invocation'],
      ['segment', 'AWS::ApiGateway::Stage', 'aws.apigateway'],
      ['inferred', 'AWS::DynamoDB::Table', 'xray.segment'],
      ['subsegment', '', 'aws.request'],
      ['subsegment', '', 'datadog-metadata'],
    ),
    requestId: requestIds,
    call: fc.constantFrom('', 'c1'),
    continues: traceIds,
    below: spanIds,
  })
  .map(({ what, requestId, call, continues, below, ...fields }) => {
    const [kind, origin, name] = what as [string, string, string];
    const context = `{"trace-id":"${continues.lo}","parent-id":"${below}"}`;
    return apm(fields.spanId, name, [0, 0], {
      ...fields,
      source: 'xray',
      functionName: origin.startsWith('AWS::Lambda') ? 'fn' : '',
      meta: {
        'xray.document': kind,
        'xray.name': name,
        ...(origin !== '' && { 'xray.origin': origin }),
        ...(requestId !== '' && { request_id: requestId }),
        ...(call !== '' && { 'aws.request_id': call }),
        ...(name === 'datadog-metadata' && { 'xray.metadata.datadog.trace': context }),
      },
    });
  });

const anySpans = fc.array(fc.oneof(tracers, segments), { minLength: 1, maxLength: 30 });

function isIn(trace: AssembledTrace, span: Span): boolean {
  return trace.nodes.some((node) => isSame(node.span, span));
}

function isSame(a: Span, b: Span): boolean {
  return (
    a.spanId === b.spanId &&
    a.source === b.source &&
    joinKey(a.traceId) === joinKey(b.traceId) &&
    (a.source === 'xray'
      ? a.traceId.hi === b.traceId.hi &&
        a.traceId.lo === b.traceId.lo &&
        // A subsegment may have the id of a segment.
        a.meta['xray.document'] === b.meta['xray.document']
      : a.start === b.start && a.service === b.service)
  );
}

test('whatever is stored: a tree, in order, that says of itself what is true', () => {
  fc.assert(
    fc.property(anySpans, (spans) => {
      for (const { traceId } of spans) {
        const trace = assembleTrace(spans, { traceId })!;
        trace.nodes.forEach((node, position) => {
          expect(node.parent).toBeLessThan(position);
          expect(node.depth).toBe(node.parent === -1 ? 0 : trace.nodes[node.parent]!.depth + 1);
          if (node.parent !== -1) {
            const parent = trace.nodes[node.parent]!;
            expect(node.parentId).toBe(parent.span.spanId);
            // What is drawn never hangs below what is not.
            if (node.hiddenReason === undefined) expect(parent.hiddenReason).toBeUndefined();
          }
          if (node.hiddenBy !== undefined) {
            const by = trace.nodes.filter(({ span }) => span.spanId === node.hiddenBy);
            expect(by.some((one) => one.hiddenReason === undefined)).toBe(true);
            expect(by.some((one) => one.folded.includes(node.span.spanId))).toBe(true);
          }
        });
        const counted = Object.values(trace.sources).reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(trace.nodes.length);
        expect(trace.end).toBeGreaterThanOrEqual(trace.start);
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever is stored: no span is lost, and none is in two traces', () => {
  fc.assert(
    fc.property(anySpans, (spans) => {
      const traces = new Map<string, AssembledTrace>();
      for (const { traceId } of spans) {
        const trace = assembleTrace(spans, { traceId })!;
        const ids = trace.nodes.map(
          ({ span }) =>
            `${span.source}/${span.spanId}/${span.start}/${span.service}/${formatTraceId(span.traceId)}`,
        );
        traces.set(ids.toSorted().join(), trace);
      }
      const all = [...traces.values()];
      for (const span of spans) {
        const homes = all.filter((trace) => isIn(trace, span));
        // Parts of an X-Ray trace that continue other traces answer to the ids of those only.
        const isPart = span.source === 'xray';
        expect(homes.length).toBeLessThanOrEqual(1);
        if (!isPart) expect(homes.length).toBe(1);
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever is stored: the order of arrival makes no difference', () => {
  const shuffled = anySpans.chain((spans) =>
    fc.tuple(
      fc.constant(spans),
      fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, traceIds, ([spans, others], traceId) => {
      expect(assembleTrace(others, { traceId })).toEqual(assembleTrace(spans, { traceId }));
    }),
    { numRuns: 200 },
  );
});

test('whatever is stored: a trace read by the id it says it has is the same trace', () => {
  fc.assert(
    fc.property(anySpans, (spans) => {
      const store = new MemoryStore();
      store.add(spans);
      for (const { traceId } of spans) {
        const trace = store.read(traceId)!;
        // Two halves of one id that are of two environments are told apart by asking for one of those.
        if (trace.problems.some(({ kind }) => kind === 'env_mismatch')) continue;
        expect(store.read(trace.traceId)).toEqual(trace);
        expect(trace.traceIds.map(joinKey)).toContain(joinKey(trace.traceId));
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever is stored: asked for an environment, a trace tells of nothing in another', () => {
  fc.assert(
    fc.property(anySpans, fc.constantFrom('prod', 'staging'), (spans, env) => {
      for (const { traceId } of spans) {
        const trace = assembleTrace(spans, { traceId, env });
        if (trace === undefined) continue;
        const shown = trace.nodes.map(({ span }) => span);
        for (const span of shown) expect(['', env]).toContain(span.env);
        const known = new Set(shown.map(({ spanId }) => spanId));
        for (const { apmSpanIds, xraySpanIds } of trace.merge) {
          expect(apmSpanIds.length + xraySpanIds.length).toBeGreaterThan(0);
          for (const id of [...apmSpanIds, ...xraySpanIds]) expect(known).toContain(id);
        }
        const xrayIds = new Set(
          shown
            .filter(({ source }) => source === 'xray')
            .map((span) => formatTraceId(span.traceId)),
        );
        expect(new Set(trace.xrayIds.map(formatTraceId))).toEqual(xrayIds);
      }
    }),
    { numRuns: 200 },
  );
});
