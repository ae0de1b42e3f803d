import type { ServiceEdgeJson, ServiceNodeJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { edgeWidth, errorLevel, fuzzyMatch, neighbours, nextNode, shownMap } from './map-view.ts';

const figures = { requests: 1, errors: 0, p50_ns: 1, p95_ns: 1, p99_ns: 1 };

function node(service: string, inferred = false): ServiceNodeJson {
  const fixed = { env: 'prod', type: 'service', last_seen: null } as const;
  return { ...figures, ...fixed, id: service, service, inferred };
}

const edges: ServiceEdgeJson[] = [
  ['storefront', 'checkout'],
  ['checkout', 'payment'],
  ['payment', 'bank'],
].map(([from, to]) => ({ ...figures, from: from!, to: to! }));
const map = {
  nodes: [node('storefront'), node('checkout'), node('payment'), node('bank', true)],
  edges,
};

test('shownMap() keeps what matches with its neighbours, and counts what it hides', () => {
  const shown = shownMap(map, { text: 'chk', inferred: true });
  expect(shown.nodes.map(({ id }) => id)).toEqual(['storefront', 'checkout', 'payment']);
  expect(shown.edges).toHaveLength(2);
  expect(shown.hidden).toBe(1);
  expect([...shown.hits]).toEqual(['checkout']);
  expect(shownMap(map, { text: '', inferred: true }).hidden).toBe(0);
  expect(shownMap(map, { text: '', inferred: false }).nodes.map(({ id }) => id)).toEqual([
    'storefront',
    'checkout',
    'payment',
  ]);
});

test('fuzzyMatch() wants the letters in their order', () => {
  expect(fuzzyMatch('checkout-service', 'chsvc')).toBe(true);
  expect(fuzzyMatch('checkout-service', 'svch')).toBe(false);
  expect(fuzzyMatch('anything', '')).toBe(true);
});

test('neighbours() looks both ways, one call far', () => {
  expect([...neighbours('checkout', edges)].toSorted()).toEqual([
    'checkout',
    'payment',
    'storefront',
  ]);
});

test('nextNode() goes to the nearest in a direction, along the row first', () => {
  const nodes = new Map([
    ['a', { x: 0, y: 0 }],
    ['b', { x: 200, y: 10 }],
    ['c', { x: 150, y: 120 }],
    ['d', { x: 0, y: 60 }],
  ]);
  const layout = { width: 0, height: 0, nodes, edges: new Map() };
  expect(nextNode(layout, 'a', 'ArrowRight')).toBe('b');
  expect(nextNode(layout, 'a', 'ArrowDown')).toBe('d');
  expect(nextNode(layout, 'a', 'ArrowLeft')).toBeUndefined();
  expect(nextNode(layout, 'gone', 'ArrowLeft')).toBeUndefined();
});

test('errorLevel() is some from one in a hundred and bad from one in twenty', () => {
  const levels = [9, 10, 49, 50].map((errors) => errorLevel({ errors, requests: 1000 }));
  expect(levels).toEqual(['fine', 'some', 'some', 'bad']);
  expect(errorLevel({ errors: 0, requests: 0 })).toBe('fine');
});

test('edgeWidth() grows with the logarithm of requests', () => {
  expect(edgeWidth(0, 1000)).toBe(1);
  expect(edgeWidth(999, 999)).toBeCloseTo(3);
  expect(edgeWidth(9, 999)).toBeCloseTo(1.67, 2);
});
