import { joinKey } from '@spanloom/base';
import { SpanBatch, type TraceKey } from '@spanloom/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keysOfBatch } from './batch-keys.ts';
import {
  apm,
  decoded,
  document,
  metadata,
  REQUEST_ID,
  spansOf,
  XRAY,
  xrayRequest,
} from './lambda-world.test.support.ts';
import { requestKey } from './request-id.ts';
import { keysOfSpan, relatedKeys } from './trace-keys.ts';

const trace = { 'trace-id': '6153737369425722316', 'parent-id': '9987766529843781873' };

function identity({ kind, key, traceId, env }: TraceKey): string {
  return `${kind} ${key} ${joinKey(traceId)} ${env}`;
}

function told(keys: readonly TraceKey[]): [string, bigint][] {
  return keys.map(({ kind, key }) => [kind, key]);
}

test('an X-Ray trace is found by what it continues and by its request', () => {
  const batch = decoded([...xrayRequest('prod'), metadata({ trace })]);
  const keys = keysOfBatch(batch, 0);
  expect(told(keys)).toContainEqual(['request', requestKey(REQUEST_ID)]);
  expect(told(keys)).toContainEqual(['trace', 6153737369425722316n]);
  expect(keys.every(({ traceId }) => traceId.hi === XRAY.hi && traceId.lo === XRAY.lo)).toBe(true);
  expect(relatedKeys(spansOf(batch))).toEqual({
    traces: [6153737369425722316n],
    requests: [requestKey(REQUEST_ID)],
  });
});

test('rows before the first one asked for are left alone', () => {
  const batch = decoded(xrayRequest());
  expect(keysOfBatch(batch, batch.length)).toEqual([]);
});

test('a request id counts on spans of Lambda only, in any case of letters', () => {
  const key = requestKey(REQUEST_ID);
  const meta = { request_id: REQUEST_ID.toUpperCase() };
  expect(told(keysOfSpan(apm(1n, 'aws.lambda', [0, 1], { meta })))).toEqual([['request', key]]);
  expect(keysOfSpan(apm(1n, 'web.request', [0, 1], { meta }))).toEqual([]);
  const otel = apm(1n, 'handler', [0, 1], { meta: { 'faas.invocation_id': REQUEST_ID } });
  expect(told(keysOfSpan(otel))).toEqual([['request', key]]);
});

test('every part of a request id counts', () => {
  expect(requestKey('5a7e0b1c-2222-4c3d-9e9e-000000000002')).not.toBe(
    requestKey('5a7e0b1c-2222-4c3d-9e9e-000000000003'),
  );
  expect(requestKey('local-1')).not.toBe(requestKey('local-2'));
});

test('a batch gives the keys of each of its rows, once for a trace', () => {
  const documents = fc.subarray(
    [
      ...xrayRequest('prod'),
      metadata({ trace }),
      metadata(
        { root_span_metadata: { execution_id: 'a', state_name: 'b', state_entered_time: 'c' } },
        { id: '0a1b2c3d4e5f6072' },
      ),
      document('sqs-consumer'),
      document('lambda-asynchronous'),
      document('ecs-container'),
    ],
    { minLength: 1 },
  );
  fc.assert(
    fc.property(documents, (chosen) => {
      const batch = decoded(chosen);
      const bySpan = spansOf(batch).flatMap(keysOfSpan).map(identity);
      expect(keysOfBatch(batch, 0).map(identity)).toEqual([...new Set(bySpan)]);
    }),
  );
});

test('a batch without such attributes is not looked through', () => {
  const batch = new SpanBatch();
  batch.appendRow();
  batch.endRow();
  expect(keysOfBatch(batch, 0)).toEqual([]);
});
