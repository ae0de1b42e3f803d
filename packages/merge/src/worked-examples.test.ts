import type { DurationNanos } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace, TraceNode } from './assembled-trace.ts';
import {
  apm,
  document,
  drawn,
  FUNCTION,
  INVOCATION,
  MemoryStore,
  metadata,
  REQUEST_ID,
  SERVICE,
  STAGE,
  T63,
  whole,
  XRAY,
  xray,
  xrayRequest,
} from './lambda-world.test.support.ts';

/** The tracer's span of the function. */
const LAMBDA = 3115450110225449362n;
const QUERY = 0x2b3c4d5e6f708193n;

function nodeOf(trace: AssembledTrace, spanId: bigint): TraceNode {
  return trace.nodes.find(({ span }) => span.spanId === spanId)!;
}

describe('A: a tracer that took X-Ray’s context over', () => {
  const lambda = apm(LAMBDA, 'aws.lambda', [620, 1149], {
    parentId: 4417573152322917284n,
    service: 'orders',
    version: '1.4.2',
    env: 'prod',
    kind: 'server',
    functionName: 'orders-api',
    meta: {
      _dd: 'x',
      '_dd.parent_source': 'xray',
      request_id: REQUEST_ID,
      cold_start: 'true',
      function_version: '$LATEST',
      datadog_lambda: '12.130.0',
      'customer.tier': 'gold',
    },
    metrics: { 'cart.items': 3 },
  });
  const query = apm(QUERY, 'postgres.query', [800, 900], { parentId: LAMBDA, env: 'prod' });
  const spans = [lambda, query, ...xray(xrayRequest())];
  const trace = assembleTrace(spans, { traceId: XRAY })!;

  test('the function’s span stands in for the placeholder, whose work goes below Invocation', () => {
    expect(whole(trace)).toEqual([
      'x:shop-api/prod',
      '  x:Lambda',
      '    x:orders-api',
      '      x:orders-api',
      '        x:Initialization',
      '        x:Invocation',
      '          x:## index.handler',
      '            x:DynamoDB',
      '              [x:orders]',
      '          [aws.lambda]',
      '          postgres.query',
      '        x:Overhead',
    ]);
    expect(nodeOf(trace, QUERY)).toMatchObject({ parentId: INVOCATION, statedParentId: LAMBDA });
    expect(nodeOf(trace, LAMBDA)).toMatchObject({
      hiddenBy: FUNCTION,
      hiddenReason:
        'The tracer made this span to stand for the one that X-Ray has of the same invocation',
    });
    expect(nodeOf(trace, FUNCTION).folded).toEqual([LAMBDA]);
  });

  test('it has the tracer’s tags, service, version and environment; what is stored does not change', () => {
    const { span } = nodeOf(trace, FUNCTION);
    expect(span).toMatchObject({ service: 'orders', version: '1.4.2', env: 'prod' });
    expect(span.name).toBe('aws.lambda.function');
    expect(span.meta).toMatchObject({
      'customer.tier': 'gold',
      datadog_lambda: '12.130.0',
      request_id: REQUEST_ID,
      cold_start: 'true',
      'xray.origin': 'AWS::Lambda::Function',
    });
    expect(span.meta['_dd.parent_source']).toBeUndefined();
    expect(span.metrics).toMatchObject({ 'cart.items': 3 });
    const stored = spans.find(({ spanId }) => spanId === FUNCTION)!;
    expect(stored.meta['customer.tier']).toBeUndefined();
    expect(nodeOf(trace, SERVICE).span.service).toBe('orders');
    expect(trace.services).toEqual(['shop-api', 'orders']);
  });

  test('ids, environment and the verdict', () => {
    expect(trace.traceId).toEqual(XRAY);
    expect(trace.datadogIds).toEqual([T63]);
    expect(trace.xrayIds).toEqual([XRAY]);
    expect(trace.env).toBe('prod');
    // X-Ray states none, and takes over the only one there is.
    expect(trace.nodes.every(({ span }) => span.env === 'prod')).toBe(true);
    expect(trace.merge).toMatchObject([
      {
        requestId: REQUEST_ID,
        verdict: 'merged_by_context',
        evidence: [
          "The tracer's span 2b3c4d5e6f708192 names X-Ray's 3d4e5f60718293a4 (Invocation) as where it belongs",
          'Trace ids 1a7d4b21e6c8f013 and 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013 are forms of one id',
          `Both halves state request id ${REQUEST_ID}`,
        ],
        fix: undefined,
        apmSpanIds: [LAMBDA],
        xraySpanIds: [SERVICE, FUNCTION, INVOCATION],
      },
    ]);
    expect(trace.merge[0]!.conflicts).toEqual([
      { what: 'start', apm: 1727177156620000000n, xray: 1727177156612400000n },
      { what: 'end', apm: 1727177157149000000n, xray: 1727177157161200000n },
    ]);
    expect(trace.invocations).toEqual([
      { requestId: REQUEST_ID, functionName: 'orders-api', spanId: LAMBDA },
    ]);
    expect(trace.problems).toEqual([]);
  });

  test('without X-Ray the placeholder is shown as it is, above its work', () => {
    const alone = assembleTrace([lambda, query], { traceId: { hi: 0n, lo: T63 } })!;
    expect(whole(alone)).toEqual(['aws.lambda', '  postgres.query']);
    expect(alone.problems.map(({ kind }) => kind)).toEqual(['missing_parent', 'missing_root']);
  });

  test('while only Lambda’s own record is there, the placeholder stays visible', () => {
    const [, service] = xrayRequest();
    const early = assembleTrace([lambda, query, ...xray([service!])], { traceId: XRAY })!;
    expect(whole(early)).toEqual(['x:orders-api', '  aws.lambda', '    postgres.query']);
  });

  test('a parent that is the caller’s span is no reason to fold: the function itself was not traced', () => {
    const machine = document('step-functions');
    const state = 0x77bbccddeeff0011n;
    const traceId = { hi: 0n, lo: 0x44ee55ff66n };
    const upstream = xray([machine]);
    const lo = upstream[0]!.traceId.lo & 0x7fff_ffff_ffff_ffffn;
    const charge = { ...lambda, traceId: { hi: 0n, lo }, parentId: state, functionName: 'charge' };
    const trace2 = assembleTrace([charge, ...upstream], { traceId: upstream[0]!.traceId })!;
    expect(traceId.hi).toBe(0n);
    expect(whole(trace2)).toEqual([
      'x:OrderFlow',
      '  x:Charge',
      '    x:Lambda',
      '      aws.lambda',
    ]);
  });
});

describe('B: a host called a function that only X-Ray traces', () => {
  const host: Partial<Span> = {
    traceId: { hi: 0x66f2a1c300000000n, lo: 6153737369425722316n },
    service: 'web-shop',
    env: 'prod',
  };
  const call = apm(9987766529843781873n, 'http.request', [240, 1200], { ...host, kind: 'client' });
  const trace = {
    'trace-id': '6153737369425722316',
    'parent-id': '9987766529843781873',
    'sampling-priority': 1,
  };
  const documents = [
    ...xrayRequest(),
    metadata({ trace }),
    metadata(
      {
        lambda_function_tags: {
          'function_trigger.event_source': 'api-gateway',
          'http.status_code': '201',
        },
      },
      { id: '0a1b2c3d4e5f6072', start_time: 1727177157.15, end_time: 1727177157.15 },
    ),
  ];
  const merged = assembleTrace([call, ...xray(documents)], { traceId: XRAY })!;

  test('X-Ray’s trace goes below the host’s call and takes its id', () => {
    expect(drawn(merged)).toEqual([
      'http.request',
      '  x:shop-api/prod',
      '    x:Lambda',
      '      x:orders-api',
      '        x:orders-api',
      '          x:Initialization',
      '          x:Invocation',
      '            x:## index.handler',
      '              x:DynamoDB',
      '          x:Overhead',
    ]);
    expect(nodeOf(merged, STAGE).parentId).toBe(0x8a9bacbdcedfe0f1n);
    expect(nodeOf(merged, STAGE).statedParentId).toBeUndefined();
    expect('statedParentId' in nodeOf(merged, STAGE)).toBe(true);
    expect(merged.traceId).toEqual(host.traceId);
    expect(merged.xrayIds).toEqual([XRAY]);
    expect(merged.datadogIds).toEqual([6153737369425722316n, T63]);
    expect(merged.complete).toBe(true);
  });

  test('notes to X-Ray are hidden, and their tags are the function’s where it has none', () => {
    const notes = merged.nodes.filter(({ span }) => span.meta['xray.name'] === 'datadog-metadata');
    expect(notes.map(({ hiddenBy }) => hiddenBy)).toEqual([FUNCTION, FUNCTION]);
    for (const id of [FUNCTION, SERVICE]) {
      expect(nodeOf(merged, id).span.meta['function_trigger.event_source']).toBe('api-gateway');
    }
    expect(nodeOf(merged, FUNCTION).span.meta['http.status_code']).toBe('201');
    // Lambda's own record has a status of its own.
    expect(nodeOf(merged, SERVICE).span.meta['http.status_code']).toBe('200');
  });

  test('the host’s span may come later: the pointer is kept, nothing is made up', () => {
    const early = assembleTrace(xray(documents), { traceId: XRAY })!;
    expect(nodeOf(early, STAGE)).toMatchObject({ parent: -1, parentId: 9987766529843781873n });
    expect(early.traceId).toEqual({ hi: 0n, lo: 6153737369425722316n });
    expect(early.problems.map(({ kind, spanId }) => [kind, spanId])).toEqual([
      ['missing_parent', 9987766529843781873n],
      ['missing_root', STAGE],
    ]);
  });

  test('two X-Ray traces that continue one trace are one before anything of that has come', () => {
    const second = metadata({ trace }, { trace_id: '1-66f2a1c4-1122334455667788990011aa' });
    const store = new MemoryStore();
    store.add(xray(documents));
    store.add(
      xray([
        { ...document('lambda-asynchronous'), subsegments: [] },
        { ...second, parent_id: 'a0b1c2d3e4f50617' },
      ]),
    );
    const both = store.read(XRAY)!;
    expect(drawn(both).filter((line) => !line.startsWith(' '))).toEqual([
      'x:shop-api/prod',
      'x:mailer',
    ]);
    expect(store.read({ hi: 0x66f2a1c411223344n, lo: 0x55667788990011aan })).toEqual(both);
    expect(store.read({ hi: 0n, lo: 6153737369425722316n })).toEqual(both);
  });

  test('it is found from either side', () => {
    const store = new MemoryStore();
    store.add(xray(documents));
    store.add([call]);
    for (const id of [XRAY, { hi: 0n, lo: T63 }, host.traceId!, { hi: 0n, lo: host.traceId!.lo }]) {
      expect(store.read(id)).toEqual(merged);
    }
  });

  test('the verdict names the trace that is continued', () => {
    expect(merged.merge).toMatchObject([
      {
        verdict: 'merged_by_context',
        evidence: [
          'The Lambda library told X-Ray that this request continues trace 5566778899aabbcc',
          'The function itself runs without a tracer',
        ],
        apmSpanIds: [],
        xraySpanIds: [SERVICE, FUNCTION, INVOCATION],
      },
    ]);
  });

  test('metadata of one function calling another within the trace is left alone', () => {
    const inner = metadata({
      trace: { 'trace-id': String(T63), 'parent-id': String(INVOCATION) },
    });
    const own = assembleTrace(xray([...xrayRequest(), inner]), { traceId: XRAY })!;
    expect(drawn(own)[0]).toBe('x:shop-api/prod');
    expect(own.traceId).toEqual(XRAY);
    expect(own.problems).toEqual([]);
  });
});

/** A host that the function called, 700 ms into the request. */
function served(parentId: bigint, traceId: Span['traceId']): Span {
  return apm(0x77n, 'express.request', [700, 740], {
    traceId,
    parentId,
    service: 'stock',
    kind: 'server',
  });
}

describe('C: a function that only X-Ray traces called a host', () => {
  test('the host hangs below Invocation when it was handed X-Ray’s ids', () => {
    const trace = assembleTrace([served(INVOCATION, { hi: 0n, lo: T63 }), ...xray(xrayRequest())], {
      traceId: XRAY,
    })!;
    expect(nodeOf(trace, 0x77n).parentId).toBe(INVOCATION);
    expect(trace.merge[0]!.verdict).toBe('merged_by_context');
    expect(trace.complete).toBe(true);
  });

  test('handed the event’s ids it stands beside, with a hint at the function', () => {
    const hostTrace = { hi: 0n, lo: 6153737369425722316n };
    const call = apm(9987766529843781873n, 'http.request', [240, 1200], {
      traceId: hostTrace,
      service: 'web-shop',
      kind: 'client',
    });
    const note = metadata({
      trace: { 'trace-id': '6153737369425722316', 'parent-id': '9987766529843781873' },
    });
    const trace = assembleTrace(
      [call, served(call.spanId, hostTrace), ...xray([...xrayRequest(), note])],
      { traceId: hostTrace },
    )!;
    const node = nodeOf(trace, 0x77n);
    expect(node.parentId).toBe(call.spanId);
    expect(node.span.meta['xray.suspected_parent']).toBe('3d4e5f60718293a4');
  });
});

describe('D: a Java tracer injected its own ids into an AWS call', () => {
  const traceId = { hi: 0n, lo: 7231247248253524489n };
  const call = apm(2246800662264969608n, 'aws.http', [100, 400], {
    traceId,
    service: 'billing',
    kind: 'client',
    duration: 300_000_000 as DurationNanos,
  });
  const [, service, run] = xrayRequest();
  const id = '1-66f2a1c4-00000000645a8d0f3b2c1a09';
  const documents = [
    { ...service!, trace_id: id, parent_id: '1f2e3d4c5b6a7988' },
    { ...run!, trace_id: id },
  ];

  test('X-Ray continues the tracer’s trace, unmasked', () => {
    const spans = [call, ...xray(documents)];
    const trace = assembleTrace(spans, { traceId })!;
    expect(drawn(trace).slice(0, 3)).toEqual(['aws.http', '  x:orders-api', '    x:orders-api']);
    expect(trace.traceId).toEqual({ hi: 0x66f2a1c400000000n, lo: traceId.lo });
    expect(trace.datadogIds).toEqual([traceId.lo]);
    expect(assembleTrace(spans, { traceId: trace.traceId })).toEqual(trace);
  });
});
