import type { ServiceEdgeJson, ServiceNodeJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { edgeKey, layoutMap, NODE_HEIGHT, NODE_WIDTH, smoothPath, topology } from './map-layout.ts';

const figures = { requests: 1, errors: 0, p50_ns: 1, p95_ns: 1, p99_ns: 1 };

function node(id: string): ServiceNodeJson {
  const fixed = { env: 'prod', type: 'service', inferred: false, last_seen: null } as const;
  return { ...figures, ...fixed, id, service: id };
}

function edge(from: string, to: string): ServiceEdgeJson {
  return { ...figures, from, to };
}

const nodes = ['web', 'cart', 'pay', 'db'].map(node);
const edges = [edge('web', 'cart'), edge('web', 'pay'), edge('cart', 'db'), edge('pay', 'db')];

test('layoutMap() puts callers left of what they call, and no node over another', async () => {
  const layout = await layoutMap(nodes, edges);
  for (const { from, to } of edges) {
    expect(layout.nodes.get(from)!.x + NODE_WIDTH).toBeLessThan(layout.nodes.get(to)!.x);
  }
  const [cart, pay] = [layout.nodes.get('cart')!, layout.nodes.get('pay')!];
  expect(Math.abs(cart.y - pay.y)).toBeGreaterThanOrEqual(NODE_HEIGHT);
  expect([...layout.edges.keys()].toSorted()).toEqual(edges.map(edgeKey).toSorted());
  expect(layout.width).toBeGreaterThan(3 * NODE_WIDTH);
});

test('layoutMap() gives the same picture whatever order services come in', async () => {
  expect(await layoutMap(nodes.toReversed(), edges.toReversed())).toEqual(
    await layoutMap(nodes, edges),
  );
  expect(topology(nodes.toReversed(), edges.toReversed())).toBe(topology(nodes, edges));
});

test('layoutMap() takes cycles, islands, and edges to what is not shown', async () => {
  const layout = await layoutMap(
    [...nodes, node('alone')],
    [...edges, edge('db', 'web'), edge('web', 'hidden')],
  );
  expect(layout.nodes.size).toBe(5);
  expect(layout.edges.size).toBe(5);
  expect((await layoutMap([], [])).nodes.size).toBe(0);
});

test('smoothPath() goes through every point, level in each', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 5 },
    { x: 30, y: 5 },
  ];
  expect(smoothPath(points)).toBe('M0.0 0.0C5.0 0.0 5.0 5.0 10.0 5.0C20.0 5.0 20.0 5.0 30.0 5.0');
  expect(smoothPath([])).toBe('');
});

test('layoutMap() lets an edge leave on the right and arrive on the left, and one back the other way', async () => {
  const pair = [node('web'), node('cart')];
  const there = await layoutMap(pair, [edge('web', 'cart'), edge('cart', 'web')]);
  const [web, cart] = [there.nodes.get('web')!, there.nodes.get('cart')!];
  const [left, right] = web.x < cart.x ? [web, cart] : [cart, web];
  const ends = (from: string, to: string): (string | undefined)[] => {
    const { path } = there.edges.get(edgeKey({ from, to }))!;
    const numbers = path.slice(1).split(/[C ]/);
    return [numbers[0], numbers.at(-2)];
  };
  const inner = [left.x + NODE_WIDTH / 2, right.x - NODE_WIDTH / 2].map((x) => x.toFixed(1));
  const names = left === web ? ['web', 'cart'] : ['cart', 'web'];
  expect(ends(names[0]!, names[1]!)).toEqual(inner);
  expect(ends(names[1]!, names[0]!)).toEqual(inner.toReversed());
});
