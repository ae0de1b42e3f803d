import { describe, expect, test } from 'vitest';
import { metadata, xray } from './lambda-world.test.support.ts';
import { stepFunctionsContext } from './step-functions-ids.ts';
import { contextOfSpan, functionTagsOf } from './trace-context.ts';

function contextOf(datadog: Record<string, unknown>): ReturnType<typeof contextOfSpan> {
  return contextOfSpan(xray([metadata(datadog)])[0]!);
}

describe('what a Lambda library told X-Ray', () => {
  const context = {
    traceId: { hi: 0n, lo: 6153737369425722316n },
    parentId: 9987766529843781873n,
  };
  const ids = { 'trace-id': '6153737369425722316', 'parent-id': '9987766529843781873' };

  test.each([1, '1', 'None', undefined, -1])(
    'sampling priority %j makes no difference',
    (priority) => {
      expect(contextOf({ trace: { ...ids, 'sampling-priority': priority } })).toEqual(context);
    },
  );

  test('a trace id of 128 bits', () => {
    expect(
      contextOf({ trace: { ...ids, 'trace-id': '136841072327264725528930523878219496396' } }),
    ).toEqual({ ...context, traceId: { hi: 0x66f2a1c300000000n, lo: 6153737369425722316n } });
  });

  test('ids without quotes lose no digit', () => {
    const document = JSON.stringify(metadata({ trace: { x: 1 } })).replace(
      '"x":1',
      '"trace-id":6153737369425722317,"parent-id": 9987766529843781873 ',
    );
    const [span] = xray([JSON.parse(document) as Record<string, unknown>]);
    // JSON.parse of the test rounds them; the attribute as the decoder stores it does not.
    const meta = {
      'xray.metadata.datadog.trace':
        '{"trace-id":6153737369425722317,"parent-id":9987766529843781873}',
    };
    expect(contextOfSpan({ ...span!, meta })).toEqual({
      ...context,
      traceId: { hi: 0n, lo: 6153737369425722317n },
    });
  });

  test.each([
    [{ trace: {} }],
    [{ trace: { ...ids, 'trace-id': '0' } }],
    [{ trace: { ...ids, 'trace-id': 'abc' } }],
    [{ trace: { ...ids, 'parent-id': String(1n << 64n) } }],
    [{ trace: { ...ids, 'trace-id': String(1n << 128n) } }],
    [{ trace: [1, 2] }],
    [{ trace: 'yes' }],
    [{ root_span_metadata: { execution_id: 7 } }],
    [{ root_span_metadata: 'not JSON' }],
    [{ lambda_function_tags: { a: '1' } }],
  ])('%j is no context', (datadog) => {
    expect(contextOf(datadog)).toBeUndefined();
  });

  test('tags of the function, as text', () => {
    const [span] = xray([
      metadata({ lambda_function_tags: { 'http.status_code': 200, cold: true, nested: { a: 1 } } }),
    ]);
    expect(functionTagsOf(span!)).toEqual({ 'http.status_code': '200', cold: 'true' });
  });
});

describe('Step Functions', () => {
  const facts = {
    execution_id:
      'arn:aws:states:eu-west-1:111122223333:execution:OrderFlow:7d1c2a34-0001-4f00-9a00-0c0ffee00001',
    state_name: 'Charge',
    state_entered_time: '2024-09-24T11:25:56.301Z',
    retry_count: '0',
    redrive_count: '0',
  };
  const traceId = { hi: 0x037f52c2ca00bb40n, lo: 3506330036871013308n };

  test('ids are hashes of what both sides know', () => {
    expect(stepFunctionsContext(facts)).toEqual({ traceId, parentId: 6747983805884450954n });
  });

  test('a retry is another span of the same trace', () => {
    expect(stepFunctionsContext({ ...facts, retry_count: 1 })).toEqual({
      traceId,
      parentId: 3134212271488194175n,
    });
  });

  test.each([
    [
      'arn:aws:states:us-east-1:123456789012:execution:Orders:0001',
      2875019993897163612n,
      0x08d85caf5bfc0701n,
    ],
    [
      'arn:aws:states:sa-east-1:425362996713:express:logs-to-traces-sequential:85a9933e-9e11-83dc-6a61-b92367b6c3be:3f7ef5c7-c8b8-4c88-90a1-d54aa7e7e2bf',
      1139193989631387307n,
      0x1e3bc630afd0f64fn,
    ],
  ])('trace id of %s', (execution_id, lo, hi) => {
    expect(stepFunctionsContext({ ...facts, execution_id })!.traceId).toEqual({ hi, lo });
  });

  test.each([
    ['0', '0', 1354432518572630929n],
    ['1', '0', 5675836973641005419n],
  ])('parent of retry %s, redrive %s', (retry_count, redrive_count, parentId) => {
    expect(
      stepFunctionsContext({
        execution_id: 'arn:aws:states:us-east-1:123456789012:execution:Orders:0001',
        state_name: 'Charge',
        state_entered_time: '2024-01-02T03:04:05.678Z',
        retry_count,
        redrive_count,
      })!.parentId,
    ).toBe(parentId);
  });

  test('below another machine, the outermost names the trace; below a function, the function does', () => {
    const root_execution_id =
      'arn:aws:states:sa-east-1:425362996713:express:logs-to-traces-sequential:a1b2c3d4-e5f6-7890-1234-56789abcdef0:9f8e7d6c-5b4a-3c2d-1e0f-123456789abc';
    expect(stepFunctionsContext({ ...facts, root_execution_id })!.traceId.lo).toBe(
      8676990472248253142n,
    );
    expect(
      stepFunctionsContext({ ...facts, trace_id: '5821433039', dd_p_tid: '6734e7c300000000' }),
    ).toEqual({ traceId: { hi: 0n, lo: 5821433039n }, parentId: 6747983805884450954n });
  });

  test('the library sends it instead of a trace', () => {
    expect(contextOf({ root_span_metadata: facts })).toEqual({
      traceId,
      parentId: 6747983805884450954n,
    });
  });
});
