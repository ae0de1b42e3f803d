import { afterEach, describe, expect, test, vi } from 'vitest';
import fc from 'fast-check';
import { fromExtracted } from './custom.ts';
import {
  carrierOf,
  extractContext,
  injectContext,
  resetPropagation,
  type Carrier,
} from './headers.ts';
import { readStepFunctions } from './step-functions.ts';
import { contextInXRay, contextOfXRay, parseXRayHeader } from './xray-header.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  resetPropagation();
});

function machine(execution: object, state: object, rest: object = {}): object {
  return { Execution: execution, State: state, StateMachine: { Id: 'arn:m' }, ...rest };
}

describe('Step Functions', () => {
  const charge = { Name: 'Charge', EnteredTime: '2024-01-02T03:04:05.678Z' };
  const orders = 'arn:aws:states:us-east-1:123456789012:execution:Orders:0001';
  const express =
    'arn:aws:states:sa-east-1:425362996713:express:logs-to-traces-sequential:85a9933e-9e11-83dc-6a61-b92367b6c3be:3f7ef5c7-c8b8-4c88-90a1-d54aa7e7e2bf';

  test('ids are the hashes that every other program computes', () => {
    expect(readStepFunctions(machine({ Id: orders }, charge))?.context).toEqual({
      traceId: 2875019993897163612n,
      traceHigh: '08d85caf5bfc0701',
      spanId: 1354432518572630929n,
      priority: 1,
    });
  });

  test('a retry changes the parent, counts as text or number', () => {
    for (const RetryCount of [1, '1']) {
      const event = machine({ Id: orders, RedriveCount: 0 }, { ...charge, RetryCount });
      expect(readStepFunctions(event)?.context.spanId).toBe(5675836973641005419n);
    }
  });

  test('express executions', () => {
    const state = { Name: 'step-one', EnteredTime: '2022-12-08T21:08:19.224Z', RetryCount: 2 };
    expect(readStepFunctions({ Payload: machine({ Id: express }, state) })?.context).toMatchObject({
      traceId: 1139193989631387307n,
      traceHigh: '1e3bc630afd0f64f',
      spanId: 7747304477664363642n,
    });
  });

  test('nested machines share the trace of the outermost', () => {
    const RootExecutionId =
      'arn:aws:states:sa-east-1:425362996713:express:logs-to-traces-sequential:a1b2c3d4-e5f6-7890-1234-56789abcdef0:9f8e7d6c-5b4a-3c2d-1e0f-123456789abc';
    const found = readStepFunctions({
      _datadog: machine({ Id: orders }, charge, { RootExecutionId, 'serverless-version': 'v1' }),
    });
    expect(found?.context.traceId).toBe(8676990472248253142n);
    expect(found?.tags).toMatchObject({
      execution_id: orders,
      state_name: 'Charge',
      root_execution_id: RootExecutionId,
      serverless_version: 'v1',
    });
  });

  test('a function that started the machine gives its trace, high half in hex, tags as text or object (D3)', () => {
    for (const tags of [
      '_dd.p.dm=-0,_dd.p.tid=6734e7c300000000',
      { '_dd.p.tid': '6734e7c300000000' },
    ]) {
      const event = machine({ Id: orders }, charge, {
        'serverless-version': 'v1',
        'x-datadog-trace-id': '5821803790426892636',
        'x-datadog-tags': tags,
      });
      expect(readStepFunctions(event)?.context).toMatchObject({
        traceId: 5821803790426892636n,
        traceHigh: '6734e7c300000000',
      });
    }
  });

  test('nothing where a name is missing', () => {
    expect(readStepFunctions(machine({ Id: orders }, { Name: 'x' }))).toBeUndefined();
    expect(readStepFunctions(null)).toBeUndefined();
  });
});

describe('X-Ray', () => {
  const header = 'Root=1-5e272390-8c398be037738dc042009320;Parent=94ae789b969f1cc5;Sampled=1';

  test('63 bits of the root, all of the parent', () => {
    expect(contextOfXRay(parseXRayHeader(header)!)).toEqual({
      traceId: 3995693151288333088n,
      traceHigh: '',
      spanId: 10713633173203262661n,
      priority: 2,
    });
    const high = parseXRayHeader(
      'Root=1-5ce31dc2-2c779014b90ce44db5e03875;Parent=0b11cc4230d3e09e;Sampled=0',
    )!;
    expect(contextOfXRay(high)).toMatchObject({
      traceId: 4110911582297405557n,
      spanId: 797643193680388254n,
      priority: -1,
    });
  });

  test('fields in any order, unknown ones left out, undecided kept open (D21)', () => {
    const turned =
      'Sampled=?;Lineage=a:b:c;Parent=94ae789b969f1cc5;Self=1-x;Root=1-5e272390-8c398be037738dc042009320';
    expect(parseXRayHeader(turned)).toEqual({
      root: '1-5e272390-8c398be037738dc042009320',
      parent: '94ae789b969f1cc5',
      sampled: undefined,
    });
    expect(parseXRayHeader('Root=1-5e272390-8c398be037738dc042009320')?.parent).toBeUndefined();
    expect(
      parseXRayHeader('Root=1-5e272390-8c398be037738dc04200932;Parent=94ae789b969f1cc5'),
    ).toBeUndefined();
  });

  test('a context of ours inside needs its padding', () => {
    const padded = 'Root=1-66aa0011-0000000012345678abcdef12;Parent=00f1e2d3c4b5a697;Sampled=1';
    expect(contextInXRay(padded)).toMatchObject({ traceId: 0x12345678abcdef12n, priority: 1 });
    expect(contextInXRay(header)).toBeUndefined();
  });
});

describe('headers', () => {
  const datadog = { 'x-datadog-trace-id': '111', 'x-datadog-parent-id': '222' };

  test('names in any case, several values, 128 bits', () => {
    const found = extractContext({
      'X-Datadog-Trace-Id': ['111', '5'],
      'X-DATADOG-PARENT-ID': '222',
      'x-datadog-sampling-priority': '-1',
      'x-datadog-tags': '_dd.p.tid=00000000000000ff,_dd.p.dm=-4,other=1',
      'x-datadog-origin': 'rum',
    });
    expect(found).toMatchObject({
      traceId: 111n,
      traceHigh: '00000000000000ff',
      spanId: 222n,
      priority: -1,
      origin: 'rum',
      tags: { '_dd.p.dm': '-4' },
    });
  });

  test.each([
    ['no parent', { 'x-datadog-trace-id': '111' }],
    ['zero', { 'x-datadog-trace-id': '0', 'x-datadog-parent-id': '1' }],
    [
      'beyond 64 bits',
      { 'x-datadog-trace-id': '18446744073709551616', 'x-datadog-parent-id': '1' },
    ],
    ['negative', { 'x-datadog-trace-id': '-5', 'x-datadog-parent-id': '1' }],
    ['text', { 'x-datadog-trace-id': 'abc', 'x-datadog-parent-id': '1' }],
    ['bad traceparent', { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' }],
  ])('%s is no context', (_, headers) => {
    expect(extractContext(headers)).toBeUndefined();
  });

  test('the largest id of 64 bits is one', () => {
    const carrier = { 'x-datadog-trace-id': '18446744073709551615', 'x-datadog-parent-id': '1' };
    expect(extractContext(carrier)?.traceId).toBe(18446744073709551615n);
  });

  test('the W3C parent is nearer where both name one trace; ours is remembered', () => {
    const found = extractContext({
      ...datadog,
      traceparent: `00-${'0'.repeat(30)}6f-00000000000003e7-01`,
      tracestate: 'dd=s:2;p:00000000000000de,other=x',
    });
    expect(found).toMatchObject({
      traceId: 111n,
      spanId: 999n,
      lastParent: '00000000000000de',
      tracestate: 'other=x',
    });
  });

  test('another trace becomes a link', () => {
    const found = extractContext({
      ...datadog,
      traceparent: `00-${'0'.repeat(30)}70-00000000000003e7-01`,
    });
    expect(found?.traceId).toBe(111n);
    expect(found?.links).toEqual([
      {
        traceId: `${'0'.repeat(30)}70`,
        spanId: '00000000000003e7',
        attributes: { reason: 'terminated_context', context_headers: 'tracecontext' },
      },
    ]);
  });

  test('restart begins a trace with a link to the other one', () => {
    vi.stubEnv('DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT', 'restart');
    const found = extractContext(datadog);
    expect(found).toMatchObject({ traceId: 0n, priority: undefined });
    expect(found?.links?.[0]?.attributes).toEqual({ reason: 'propagation_behavior_extract' });
  });

  test('B3 in both forms', () => {
    vi.stubEnv('DD_TRACE_PROPAGATION_STYLE', 'b3multi,b3 single header');
    const ids = { traceId: 0x6fn, spanId: 0xden, priority: 1 };
    expect(extractContext({ b3: '000000000000006f-00000000000000de-1' })).toMatchObject(ids);
    expect(
      extractContext({
        'X-B3-TraceId': '000000000000006f',
        'X-B3-SpanId': '00000000000000de',
        'X-B3-Sampled': '1',
      }),
    ).toMatchObject(ids);
  });

  test('hostile carriers: prototypes, megabytes, thousands of headers', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"x-datadog-trace-id":"1"},"constructor":1}',
    ) as unknown;
    expect(extractContext(hostile)).toBeUndefined();
    expect(carrierOf({ traceparent: 'x'.repeat(1_000_000) })).toEqual({});
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`h${i}`, 'v']));
    expect(extractContext({ ...many, ...datadog })?.traceId).toBe(111n);
  });

  test('what is injected is extracted again', () => {
    const id = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(
        id,
        id,
        fc.boolean(),
        fc.integer({ min: -1, max: 2 }),
        (traceId, spanId, long, priority) => {
          const carrier: Carrier = {};
          const traceHigh = long ? '66aa001100000000' : '';
          injectContext(
            { traceId, traceHigh, spanId, priority, tags: { '_dd.p.dm': '-4' } },
            carrier,
          );
          expect(extractContext(carrier)).toMatchObject({ traceId, traceHigh, spanId, priority });
          delete carrier['x-datadog-trace-id'];
          expect(extractContext(carrier)).toMatchObject({ traceId, traceHigh, spanId, priority });
        },
      ),
    );
  });
});

describe('a custom extractor', () => {
  test('may give numbers, bigints, hex and old names', () => {
    const expected = { traceId: 255n, spanId: 2n };
    for (const traceId of ['255', 255, 255n, '0xff', `${'0'.repeat(30)}ff`]) {
      expect(fromExtracted({ traceId, parentId: 2 })?.context).toMatchObject(expected);
    }
    expect(fromExtracted({ traceID: '255', parentID: '2', sampleMode: 2 })).toMatchObject({
      context: { ...expected, priority: 2 },
      source: 'event',
    });
  });

  test('without both ids has no answer', () => {
    expect(fromExtracted({ traceId: '1' })).toBeUndefined();
    expect(fromExtracted('x')).toBeUndefined();
    expect(fromExtracted(undefined)).toBeUndefined();
  });
});
