import type { ServiceEdgeJson, ServiceMapResponse, ServiceNodeJson } from '@spanloom/contract';
import type { MapLayout, Point } from './map-layout.ts';

/** What a filter leaves of a map, and how much it hides. */
export interface ShownMap {
  readonly nodes: readonly ServiceNodeJson[];
  readonly edges: readonly ServiceEdgeJson[];
  readonly hidden: number;
  /** Those whose name matches; the others are their neighbours. */
  readonly hits: ReadonlySet<string>;
}

/** Keeps what matches with everything one call away: a service says little without its surroundings. */
export function shownMap(
  { nodes, edges }: Pick<ServiceMapResponse, 'nodes' | 'edges'>,
  wanted: { readonly text: string; readonly inferred: boolean },
): ShownMap {
  const text = wanted.text.trim().toLowerCase();
  const allowed = nodes.filter(({ inferred }) => wanted.inferred || !inferred);
  const hits = new Set(
    allowed.filter(({ service }) => fuzzyMatch(service.toLowerCase(), text)).map(({ id }) => id),
  );
  const near = new Set(hits);
  for (const { from, to } of edges) {
    if (hits.has(from)) near.add(to);
    if (hits.has(to)) near.add(from);
  }
  const kept = allowed.filter(({ id }) => near.has(id));
  const ids = new Set(kept.map(({ id }) => id));
  return {
    nodes: kept,
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
    hidden: nodes.length - kept.length,
    hits: text === '' ? new Set() : hits,
  };
}

/** Whether the letters come in this order: `chsvc` finds `checkout-service`. */
export function fuzzyMatch(name: string, letters: string): boolean {
  let from = 0;
  for (const letter of letters) {
    const found = name.indexOf(letter, from);
    if (found === -1) return false;
    from = found + 1;
  }
  return true;
}

/** A node with everything it calls and is called by. */
export function neighbours(id: string, edges: readonly ServiceEdgeJson[]): ReadonlySet<string> {
  const near = new Set([id]);
  for (const { from, to } of edges) {
    if (from === id) near.add(to);
    if (to === id) near.add(from);
  }
  return near;
}

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** The nearest node in a direction: sideways counts double, so that a row is walked along. */
export function nextNode(
  layout: MapLayout,
  from: string,
  direction: Direction,
): string | undefined {
  const here = layout.nodes.get(from);
  if (here === undefined) return undefined;
  let [best, least]: [string | undefined, number] = [undefined, Infinity];
  for (const [id, there] of layout.nodes) {
    const { along, across } = seenFrom(here, there, direction);
    const distance = along + 2 * across;
    if (along > 1 && distance < least) [best, least] = [id, distance];
  }
  return best;
}

function seenFrom(here: Point, there: Point, direction: Direction) {
  const [dx, dy] = [there.x - here.x, there.y - here.y];
  switch (direction) {
    case 'ArrowLeft':
      return { along: -dx, across: Math.abs(dy) };
    case 'ArrowRight':
      return { along: dx, across: Math.abs(dy) };
    case 'ArrowUp':
      return { along: -dy, across: Math.abs(dx) };
    case 'ArrowDown':
      return { along: dy, across: Math.abs(dx) };
  }
}

/** How bad a share of failed requests is. */
export function errorLevel(of: {
  readonly requests: number;
  readonly errors: number;
}): 'bad' | 'some' | 'fine' {
  const share = of.requests === 0 ? 0 : of.errors / of.requests;
  return share >= 0.05 ? 'bad' : share >= 0.01 ? 'some' : 'fine';
}

/** Width of an edge in px: the logarithm of its requests, relative to the busiest. */
export function edgeWidth(requests: number, busiest: number): number {
  return 1 + (2 * Math.log10(1 + requests)) / Math.max(1, Math.log10(1 + busiest));
}
