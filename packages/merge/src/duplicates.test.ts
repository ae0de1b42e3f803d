import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import {
  apm,
  document,
  type Document,
  drawn,
  FUNCTION,
  INVOCATION,
  metadata,
  REQUEST_ID,
  STAGE,
  T63,
  whole,
  XRAY,
  xray,
  xrayRequest,
} from './lambda-world.test.support.ts';

const DYNAMODB = 0x24756640c0d09abcn;
const LAMBDA = 0x5555n;
const TRIGGER = 0x3333n;

/** A placeholder below a trigger that its library made up. */
function node(trigger: Partial<Span> = {}): Span[] {
  return [
    apm(TRIGGER, 'aws.apigateway', [251, 1160], {
      parentId: INVOCATION,
      ...trigger,
      meta: {
        '_inferred_span.tag_source': 'self',
        request_id: REQUEST_ID,
        apiid: 'k3j4h5g6f7',
        stage: 'prod',
        'http.route': '/orders/{id}',
        ...trigger.meta,
      },
    }),
    apm(LAMBDA, 'aws.lambda', [621, 1149], {
      parentId: TRIGGER,
      functionName: 'orders-api',
      meta: { request_id: REQUEST_ID, '_dd.parent_source': 'xray' },
    }),
    apm(0x44n, 'aws.lambda.load', [310, 590], { parentId: TRIGGER }),
    apm(0x45n, 'postgres.query', [800, 900], { parentId: LAMBDA }),
  ];
}

describe('a trigger that the library made up', () => {
  test('is hidden by the real segment, which takes its route; so is the placeholder below it', () => {
    const trace = assembleTrace([...node(), ...xray(xrayRequest())], { traceId: XRAY })!;
    const by = Object.fromEntries(
      trace.nodes.flatMap(({ span, hiddenBy }) =>
        span.source === 'datadog' && hiddenBy !== undefined ? [[span.name, hiddenBy]] : [],
      ),
    );
    expect(by).toEqual({ 'aws.apigateway': STAGE, 'aws.lambda': FUNCTION });
    const stage = trace.nodes.find(({ span }) => span.spanId === STAGE)!;
    expect(stage.span.meta['http.route']).toBe('/orders/{id}');
    expect(stage.folded).toEqual([TRIGGER]);
    expect(drawn(trace)).toEqual([
      'x:shop-api/prod',
      '  x:Lambda',
      '    x:orders-api',
      '      x:orders-api',
      '        x:Initialization',
      '        x:Invocation',
      '          aws.lambda.load',
      '          x:## index.handler',
      '            x:DynamoDB',
      '          postgres.query',
      '        x:Overhead',
    ]);
  });

  test('comes back, above Lambda, when the stage is not there', () => {
    const [, service, run] = xrayRequest();
    const trace = assembleTrace([...node(), ...xray([service!, run!])], { traceId: XRAY })!;
    expect(drawn(trace)).toEqual([
      'aws.apigateway',
      '  x:orders-api',
      '    x:orders-api',
      '      x:Initialization',
      '      x:Invocation',
      '        x:## index.handler',
      '          x:DynamoDB',
      '        postgres.query',
      '      x:Overhead',
      '  aws.lambda.load',
    ]);
    expect(trace.problems.map(({ kind }) => kind)).toEqual(['missing_parent', 'missing_root']);
  });

  test('is hidden, too, when X-Ray traces the API but not the function', () => {
    const [stage] = xrayRequest();
    const below = node({ parentId: 0xb0f3c2d41e5a6978n });
    const trace = assembleTrace([...below, ...xray([stage!])], { traceId: XRAY })!;
    expect(whole(trace)).toEqual([
      'x:shop-api/prod',
      '  x:Lambda',
      '    [aws.apigateway]',
      '    aws.lambda.load',
      '    aws.lambda',
      '      postgres.query',
    ]);
  });

  test('of another API stays', () => {
    const other = node({ meta: { apiid: 'another' } });
    const trace = assembleTrace([...other, ...xray(xrayRequest())], { traceId: XRAY })!;
    expect(drawn(trace)[0]).toBe('aws.apigateway');
    expect(drawn(trace)[1]).toBe('  x:shop-api/prod');
  });

  test('is not hidden by what X-Ray made up itself', () => {
    const [, service, run] = xrayRequest();
    const queue = {
      ...document('inferred-table'),
      id: 'cc00112233445577',
      name: 'jobs',
      origin: 'AWS::SQS::Queue',
      parent_id: undefined,
    };
    const documents = [queue, { ...service!, parent_id: 'cc00112233445577' }, run!];
    const trigger = node().map((span) =>
      span.spanId === TRIGGER ? { ...span, name: 'aws.sqs' } : span,
    );
    const trace = assembleTrace([...trigger, ...xray(documents)], { traceId: XRAY })!;
    expect(whole(trace)[0]).toBe('aws.sqs');
  });
});

describe('the same work from both worlds', () => {
  test('an AWS call is shown as the tracer has it, with what it reached', () => {
    const call = apm(0x99n, 'aws.dynamodb', [701, 747], {
      parentId: LAMBDA,
      kind: 'client',
      meta: { 'aws.request_id': 'R1' },
    });
    const lambda = apm(LAMBDA, 'aws.lambda', [621, 1149], {
      parentId: INVOCATION,
      functionName: 'orders-api',
      meta: { request_id: REQUEST_ID, '_dd.parent_source': 'xray' },
    });
    const callee = {
      ...document('inferred-table'),
      inferred: false,
      id: 'cc00112233445588',
      origin: 'AWS::DynamoDB::Table',
    };
    const trace = assembleTrace([lambda, call, ...xray([...xrayRequest().slice(0, 3), callee])], {
      traceId: XRAY,
    })!;
    const hidden = trace.nodes.find(({ span }) => span.spanId === DYNAMODB)!;
    expect(hidden).toMatchObject({
      hiddenBy: 0x99n,
      hiddenReason: 'The same AWS call, R1, as the tracer recorded it',
    });
    const reached = trace.nodes.find(({ span }) => span.meta['xray.name'] === 'orders')!;
    expect(reached.parentId).toBe(0x99n);
    expect(drawn(trace)).toContain('          aws.dynamodb');
  });

  test('a span that one SDK sent to X-Ray and here is shown once', () => {
    const same = apm(DYNAMODB, 'DynamoDB.UpdateItem', [700, 748], {
      traceId: XRAY,
      source: 'otlp',
      parentId: 0x9b8c7d6e5f4a3b2cn,
      kind: 'client',
    });
    const trace = assembleTrace([same, ...xray(xrayRequest())], { traceId: XRAY })!;
    expect(drawn(trace)).toContain('            DynamoDB.UpdateItem');
    expect(drawn(trace)).not.toContain('            x:DynamoDB');
    expect(trace.problems).toEqual([]);
  });

  test('a subsegment from the daemon and again from AWS is one span, the better known one', () => {
    const documents = xrayRequest('prod');
    const [, invocation] = documents[2]!['subsegments'] as Document[];
    const lone = {
      ...(invocation!['subsegments'] as Document[])[0]!,
      trace_id: '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
      parent_id: '3d4e5f60718293a4',
      type: 'subsegment',
      subsegments: [],
    };
    const running = { ...lone, end_time: undefined, in_progress: true };
    const once = assembleTrace(xray(documents), { traceId: XRAY });
    expect(
      assembleTrace([...xray([lone]), ...xray([running]), ...xray(documents)], { traceId: XRAY }),
    ).toEqual(once);
    expect(once!.problems).toEqual([]);
  });

  test('a callee that X-Ray made up is hidden by its caller, which names it', () => {
    const trace = assembleTrace(xray(xrayRequest()), { traceId: XRAY })!;
    const table = trace.nodes.find(({ span }) => span.meta['xray.document'] === 'inferred')!;
    expect(table.hiddenBy).toBe(DYNAMODB);
    const call = trace.nodes.find(({ span }) => span.spanId === DYNAMODB)!;
    expect(call.folded).toEqual([table.span.spanId]);
    expect(call.span.meta).toMatchObject({
      'peer.service': 'orders',
      'xray.peer.type': 'AWS::DynamoDB::Table',
    });
  });

  test('and shown while its caller is not there', () => {
    const trace = assembleTrace(xray([document('inferred-table')]), { traceId: XRAY })!;
    expect(drawn(trace)).toEqual(['x:orders']);
  });
});

describe('one invocation told of more than once', () => {
  test('a wrapper around the tracer’s span is part of the same invocation', () => {
    const meta = { request_id: REQUEST_ID };
    const spans = [
      apm(1n, 'aws.lambda', [620, 1150], { meta }),
      apm(2n, 'aws.lambda', [621, 1149], { meta, parentId: 1n }),
    ];
    const trace = assembleTrace(spans, { traceId: { hi: 0n, lo: T63 } })!;
    expect(trace.invocations.length).toBe(1);
  });

  test('a library’s and an extension’s span beside each other are one', () => {
    const meta = { request_id: REQUEST_ID };
    const spans = [
      apm(1n, 'aws.lambda', [620, 1150], { meta, parentId: INVOCATION }),
      apm(2n, 'aws.lambda', [621, 1149], { meta, parentId: INVOCATION }),
    ];
    const trace = assembleTrace([...spans, ...xray(xrayRequest())], { traceId: XRAY })!;
    expect(trace.invocations.length).toBe(1);
    expect(trace.merge.length).toBe(1);
  });

  test('retries keep their request id: each goes to the attempt at its own time', () => {
    const async = document('lambda-asynchronous');
    const request = '77777777-3333-4444-8888-000000000003';
    const run = (id: string, attempt: string, from: number, to: number): Document => ({
      id,
      name: 'mailer',
      trace_id: async['trace_id'],
      parent_id: attempt,
      origin: 'AWS::Lambda::Function',
      start_time: from,
      end_time: to,
      aws: { function_arn: 'arn:aws:lambda:eu-west-1:111122223333:function:mailer' },
    });
    const documents = [
      async,
      run('a000000000000001', 'c2d3e4f506172839', 1727177156.4, 1727177157.0),
      run('a000000000000002', 'd3e4f5061728394a', 1727177217.2, 1727177217.5),
    ];
    const mine = (spanId: bigint, from: number, to: number): Span =>
      apm(spanId, 'aws.lambda', [from, to], {
        traceId: { hi: 0n, lo: spanId },
        functionName: 'mailer',
        meta: { request_id: request },
      });
    const spans = [mine(1n, 405, 995), mine(2n, 61_205, 61_495), ...xray(documents)];
    const trace = assembleTrace(spans, { traceId: { hi: 0n, lo: 2n } })!;
    expect(drawn(trace)).toEqual([
      'x:mailer',
      '  x:Dwell Time',
      '  x:Attempt #1',
      '    x:mailer',
      '      aws.lambda',
      '  x:Attempt #2',
      '    x:mailer',
      '      aws.lambda',
    ]);
    expect(trace.invocations.length).toBe(2);
    expect(trace.merge.map(({ verdict }) => verdict)).toEqual([
      'merged_by_request_id',
      'merged_by_request_id',
    ]);
    for (const lo of [1n, 2n]) {
      expect(assembleTrace(spans, { traceId: { hi: 0n, lo } })).toEqual(trace);
    }
  });

  test('without a request id, one run of the function at the same time in the same trace is it', () => {
    const lambda = apm(LAMBDA, 'aws.lambda', [621, 1149], { functionName: 'orders-api' });
    const trace = assembleTrace([lambda, ...xray(xrayRequest())], { traceId: XRAY })!;
    expect(trace.nodes.find(({ span }) => span.spanId === LAMBDA)!.parentId).toBe(INVOCATION);
    expect(trace.invocations.length).toBe(1);
    expect(trace.merge[0]!.evidence).toContain('Both halves are of one function at the same time');
  });

  test('a request that Lambda turned away ran nowhere', () => {
    const [, service] = xrayRequest();
    const throttled = { ...service!, throttle: true, http: { response: { status: 429 } } };
    const trace = assembleTrace(xray([throttled]), { traceId: XRAY })!;
    expect(trace.invocations).toEqual([]);
    expect(trace.merge).toEqual([]);
  });
});

describe('what stays as it was sent', () => {
  test('notes to X-Ray that came without their function are hidden, too', () => {
    const trace = assembleTrace(xray([metadata({ lambda_function_tags: { a: '1' } })]), {
      traceId: XRAY,
    })!;
    expect(drawn(trace)).toEqual([]);
    expect(trace.nodes.length).toBe(1);
  });

  test('unfinished segments say so', () => {
    const [, service, run] = xrayRequest();
    const open = { ...run!, end_time: undefined, in_progress: true };
    const trace = assembleTrace(xray([service!, open]), { traceId: XRAY })!;
    const unfinished = trace.nodes.filter((one) => one.unfinished);
    expect(unfinished.map(({ span }) => span.spanId)).toEqual([FUNCTION]);
  });

  test('a function made ready long before does not stretch the trace', () => {
    const documents = xrayRequest();
    const [init] = documents[2]!['subsegments'] as Document[];
    Object.assign(init!, { start_time: 1727170000, end_time: 1727170001 });
    const trace = assembleTrace(xray(documents), { traceId: XRAY })!;
    expect(trace.start).toBe(1727177156250000000n);
    expect(drawn(trace)[4]).toBe('        x:Initialization');
  });

  test('a trace beyond X-Ray’s limit is not complete', () => {
    const spans = xray(xrayRequest()).map((span) =>
      span.spanId === STAGE
        ? { ...span, meta: { ...span.meta, 'xray.limit_exceeded': 'true' } }
        : span,
    );
    const trace = assembleTrace(spans, { traceId: XRAY })!;
    expect(trace.complete).toBe(false);
    expect(trace.problems).toMatchObject([{ kind: 'limit_exceeded', spanId: STAGE }]);
  });

  test.each([
    [true, 1, 'Spans of X-Ray were cut'],
    [1, 1, '1 span of X-Ray was cut'],
    [20_000, 20_000, '20000 spans of X-Ray were cut'],
  ])('nor is one of which the crawler cut a part (%s)', (mark, count, message) => {
    const documents = xrayRequest();
    documents[0]!['annotations'] = { 'xray.truncated': mark };
    const trace = assembleTrace(xray(documents), { traceId: XRAY })!;
    expect(trace.complete).toBe(false);
    expect(trace.problems).toEqual([
      {
        kind: 'truncated',
        spanId: STAGE,
        count,
        message: `${message} when the trace was read: it is larger than is taken over`,
      },
    ]);
  });

  test('what several documents lost is added up, as far as they say how much it was', () => {
    const documents = xrayRequest();
    documents[0]!['annotations'] = { 'xray.truncated': 20 };
    documents[1]!['annotations'] = { 'xray.truncated': 5 };
    const cut = (): unknown => assembleTrace(xray(documents), { traceId: XRAY })!.problems[0];
    expect(cut()).toMatchObject({
      count: 25,
      message:
        '25 spans of X-Ray were cut when the trace was read: it is larger than is taken over',
    });
    documents[1]!['annotations'] = { 'xray.truncated': true };
    expect(cut()).toMatchObject({
      count: 20,
      message:
        'At least 20 spans of X-Ray were cut when the trace was read: it is larger than is taken over',
    });
  });
});
