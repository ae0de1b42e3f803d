import type { SpanJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { groupAttributes } from './attribute-groups.ts';

const span = {
  meta: {
    'http.method': 'POST',
    'cart.id': '9214',
    'error.type': 'Timeout',
    'xray.origin': 'AWS::Lambda',
    '_dd.p.dm': '-1',
    'span.kind': 'server',
  },
  metrics: { 'http.status_code': 201, 'cart.items': 12 },
} as unknown as SpanJson;

test('groupAttributes() sorts by topic, errors first and internals last', () => {
  expect(
    groupAttributes(span, '').map((group) => [group.title, group.attributes.map(({ key }) => key)]),
  ).toEqual([
    ['Error', ['error.type']],
    ['Custom', ['cart.id', 'cart.items']],
    ['HTTP', ['http.method', 'http.status_code']],
    ['X-Ray', ['xray.origin']],
    ['Internal', ['_dd.p.dm']],
  ]);
});

test('groupAttributes() searches keys and values', () => {
  expect(groupAttributes(span, 'cart.items=12').flatMap((group) => group.attributes)).toEqual([
    { key: 'cart.items', value: '12', numeric: true },
  ]);
});
