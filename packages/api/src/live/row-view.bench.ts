/**
 * What one more stream costs: testing 10,000 spans of a batch as they arrive, by kind of query. 20 streams at 20,000 spans/s do
 * this 40 times a second.
 */
import { SpanBatch } from '@spanloom/model';
import { compileMatcher, parseQuery } from '@spanloom/query';
import { bench, describe } from 'vitest';
import { appendRows } from './batch.testing.ts';
import { RowView } from './row-view.ts';

const SPANS = 10_000;

const batch = appendRows(
  new SpanBatch(),
  Array.from({ length: SPANS }, (_, index) => ({
    service: `service-${index % 12}`,
    resource: `GET /items/${index % 300}`,
    error: index % 50 === 0,
    httpStatus: index % 50 === 0 ? 500 : 200,
    meta: {
      'http.method': 'GET',
      'http.url': `https://shop.example/items/${index}`,
      'customer.id': String(index % 1000),
      'runtime-id': '7d1c5b8e9f0a4b2c8d3e6f1a2b3c4d5e',
      component: 'http',
      'span.kind': 'server',
    },
    metrics: { _sampling_priority_v1: 1, 'cart.items': index % 9 },
  })),
);

describe(`${SPANS} spans (ns/span = 100 × ms)`, () => {
  for (const text of [
    'service:service-3',
    'service:service-3 status:error',
    '@customer.id:42',
    '@cart.items:>7 -service:service-1',
    'resource_name:"GET /items/2*"',
    'checkout',
  ]) {
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const test = compileMatcher(parsed.query.predicate);
    const view = new RowView();
    bench(text, () => {
      for (let row = 0; row < SPANS; row++) test(view.at(batch, row));
    });
  }
});
