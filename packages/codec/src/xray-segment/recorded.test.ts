import { expect, test } from 'vitest';
import { decodeBody, fixture } from './segment-samples.test.support.ts';

test('what the Python SDK sent', () => {
  const { spans, outcome } = decodeBody(fixture('python-sdk-segment'));
  expect(outcome).toMatchObject({
    traces: 1,
    spans: 5,
    malformedSpans: {},
    droppedSpans: 0,
    rejectedSpans: 0,
    language: 'python',
    tracerVersion: '2.15.0',
  });
  const [root, pay, charge, query, call] = spans;
  expect(root).toMatchObject({
    service: 'checkout',
    name: 'web.request',
    resource: 'POST /checkout',
    kind: 'server',
    error: true,
    flags: 1,
    parentId: undefined,
  });
  expect(root!.meta).toMatchObject({
    'http.url': 'https://shop.test/checkout?card',
    'http.status_code': '500',
    'usr.id': 'u-17',
    basket: 'b-1',
    paid: 'false',
    'xray.metadata.shop.note': '{"text":"Grüße aus Köln 🛒","list":[1,2.5,null]}',
    'xray.service.runtime': 'CPython',
  });
  expect(root!.metrics).toMatchObject({ items: 3 });
  // The failure is shown where it happened; what it passed through only refers to it.
  expect([pay!.error, pay!.meta['error.type'], charge!.error, charge!.meta['error.type']]).toEqual([
    true,
    undefined,
    true,
    'ValueError',
  ]);
  expect(charge!.meta['error.stack']).toBe('ValueError: card declined\n    at charge (prog.py:15)');
  expect(charge!.parentId).toBe(pay!.spanId);
  expect(query).toMatchObject({
    name: 'postgres.query',
    resource: 'select * from cards where pan = ?',
    kind: 'client',
  });
  expect(query!.metrics).toEqual({});
  expect(call).toMatchObject({ name: 'aws.request', resource: 'UpdateItem orders' });
  expect(call!.meta).toMatchObject({ 'aws.service': 'dynamodb', tablename: 'orders' });
  // Digits below the microsecond, as Python wrote them.
  const sent = fixture('python-sdk-segment').toString('utf8');
  for (const span of spans) {
    const seconds = `${span.start.toString().slice(0, -9)}.${span.start.toString().slice(-9).replace(/0+$/, '')}`;
    expect(sent).toContain(`"start_time": ${seconds},`);
  }
});

test('what the Node SDK sent from within a function: subsegments alone, children first', () => {
  const [price, charge, handler] = ['1', '2', '3'].map(
    (number) => decodeBody(fixture(`node-sdk-lambda-${number}`)).spans[0]!,
  );
  expect(handler!.parentId).toBe(0x3d4e5f60718293a4n);
  expect([price!.parentId, charge!.parentId]).toEqual([handler!.spanId, handler!.spanId]);
  expect([price, charge, handler].map((span) => [span!.name, span!.resource, span!.flags])).toEqual(
    [
      ['xray.subsegment', 'price', 0],
      ['xray.subsegment', 'charge', 0],
      ['xray.subsegment', '## index.handler', 0],
    ],
  );
  expect(charge!.error).toBe(true);
  expect(charge!.meta['error.message']).toBe('card declined');
  expect(price!.metrics).toEqual({ 'xray.metadata.default.total': 12.5 });
  // Only the handler says which service this is.
  expect([price, charge, handler].map((span) => span!.service)).toEqual([
    'unnamed-service',
    'unnamed-service',
    'orders',
  ]);
});

test('the parts of one request, fetched together, are one trace', () => {
  const names = ['api-gateway-stage', 'lambda-service', 'lambda-function', 'inferred-table'];
  const texts = names.map((name) => fixture(name).toString('utf8'));
  const { spans, outcome } = decodeBody(JSON.stringify(texts));
  expect(outcome).toMatchObject({ traces: 1, spans: 10, malformedSpans: {} });
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.filter(({ parentId }) => parentId === undefined || !ids.has(parentId));
  expect(roots.map(({ name }) => name)).toEqual(['aws.apigateway']);
});
