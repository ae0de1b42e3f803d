import type { RawSpanJson, SpanJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { differs, fieldOrigins, inputsOf } from './field-origins.ts';
import { sampleId, sampleSpan } from './trace-samples.test.support.ts';

const START = '1700000000000000000';

function stored(span: SpanJson, more: Partial<RawSpanJson> = {}): RawSpanJson {
  return {
    ...span,
    trace_id: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
    received_at: '2023-11-14T22:13:21.500Z',
    batch: '7',
    tier: 'live',
    superseded: false,
    priority: null,
    flags: [],
    typed: {},
    envelope: null,
    ...more,
  };
}

const segment = sampleSpan('a', null, {
  source: 'xray',
  service: 'checkout',
  duration_ns: 500_000_000,
  meta: { 'xray.origin': 'AWS::Lambda::Function' },
});
const handler = sampleSpan('b', 'a', {
  service: 'checkout-api',
  at: 2_000_000,
  duration_ns: 400_000_000,
  meta: { cold_start: 'true' },
  metrics: { memory: 128 },
});
const shown: SpanJson = {
  ...segment,
  service: 'checkout-api',
  folded: [sampleId('b')],
  meta: { ...segment.meta, ...handler.meta, request_id: '5a7e' },
};

test('inputsOf() lists the span’s own rows first and replaced ones last, one per row whatever its tiers', () => {
  const inputs = inputsOf(shown, [
    stored(handler, { batch: '3', tier: 'live', received_at: '2023-11-14T22:13:20.300Z' }),
    stored(sampleSpan('c', null)),
    stored(segment, { batch: '2', superseded: true, received_at: '2023-11-14T22:13:21.000Z' }),
    stored(segment, { tier: 'live' }),
    stored(segment, { tier: 'kept' }),
  ]);
  expect(
    inputs.map(({ label, tiers, delayMs, row }) => [label, row.batch, tiers, delayMs]),
  ).toEqual([
    ['X-Ray', '7', ['live', 'kept'], 1_000],
    ['APM', '3', ['live'], -102],
    ['X-Ray', '2', ['live'], 500],
  ]);
});

test('fieldOrigins() says of each field which input it came from', () => {
  const inputs = inputsOf(shown, [stored(segment), stored(handler)]);
  const origins = new Map(fieldOrigins(shown, inputs, START).map((one) => [one.field, one]));
  expect(origins.get('service')).toEqual({
    field: 'service',
    shown: 'checkout-api',
    values: ['checkout', 'checkout-api'],
    from: [1],
  });
  expect(origins.get('start')).toEqual({
    field: 'start',
    shown: '+0.000\u00a0ms',
    values: ['+0.000\u00a0ms', '+2.000\u00a0ms'],
    from: [0],
  });
  expect(origins.get('env')?.from).toEqual([0, 1]);
  expect(origins.get('memory')).toMatchObject({ shown: undefined, values: [undefined, '128'] });
  expect(origins.get('request_id')).toMatchObject({ shown: '5a7e', from: [] });
  expect(origins.has('version')).toBe(false);
  expect([...origins.keys()].slice(0, 3)).toEqual(['service', 'name', 'resource']);
});

test('differs() leaves out what everybody agrees on', () => {
  const inputs = inputsOf(shown, [stored(segment), stored(handler)]);
  const fields = fieldOrigins(shown, inputs, START)
    .filter(differs)
    .map(({ field }) => field);
  expect(fields).toEqual([
    'service',
    'start',
    'end',
    'parent',
    'cold_start',
    'request_id',
    'xray.origin',
    'memory',
  ]);
});
