import type { ServiceEdgeJson, ServiceNodeJson } from '@spanloom/contract';

export const NODE_WIDTH = 164;
export const NODE_HEIGHT = 42;
const LABEL = { width: 46, height: 16 } as const;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is. Points are middles of nodes and labels. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Point>;
  readonly edges: ReadonlyMap<string, { readonly path: string; readonly label: Point }>;
}

/** One edge among the others. */
export function edgeKey({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${from}\n${to}`;
}

/** What a layout depends on: figures may change without anything moving. */
export function topology(
  nodes: readonly ServiceNodeJson[],
  edges: readonly ServiceEdgeJson[],
): string {
  return JSON.stringify([nodes.map(({ id }) => id).toSorted(), edges.map(edgeKey).toSorted()]);
}

/**
 * Layers from left to right, callers before what they call. The library comes when the first map is drawn. Everything is put in
 * by name, so the same services give the same picture whichever has most requests.
 */
export async function layoutMap(
  nodes: readonly ServiceNodeJson[],
  edges: readonly ServiceEdgeJson[],
): Promise<MapLayout> {
  const { Graph, layout } = await import('@dagrejs/dagre');
  const graph = new Graph({ directed: true });
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 18,
    ranksep: 30,
    edgesep: 10,
    marginx: 16,
    marginy: 16,
  });
  for (const { id } of nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  }
  const drawn = edges
    .filter(({ from, to }) => graph.hasNode(from) && graph.hasNode(to))
    .toSorted((a, b) => (edgeKey(a) < edgeKey(b) ? -1 : 1));
  for (const edge of drawn) {
    graph.setEdge(edge.from, edge.to, { ...LABEL, labelpos: 'c' });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const placed = (id: string): Point => {
    const { x, y } = graph.node(id) as unknown as Point;
    return { x, y };
  };
  return {
    width,
    height,
    nodes: new Map(graph.nodes().map((id: string) => [id, placed(id)])),
    edges: new Map(
      drawn.map((edge) => {
        const { points, x, y } = graph.edge(edge.from, edge.to) as unknown as Point & {
          points: readonly Point[];
        };
        const path = smoothPath(atSides(points, placed(edge.from), placed(edge.to)));
        return [edgeKey(edge), { path, label: { x, y } }];
      }),
    ),
  };
}

/**
 * Where an edge leaves and arrives: at the sides that face each other, never at the top or the bottom. What calls back to an
 * earlier layer leaves on the left.
 */
function atSides(points: readonly Point[], from: Point, to: Point): readonly Point[] {
  const side = (to.x >= from.x ? 1 : -1) * (NODE_WIDTH / 2);
  return [{ x: from.x + side, y: from.y }, ...points.slice(1, -1), { x: to.x - side, y: to.y }];
}

/** A curve through every point that runs level in each of them. */
export function smoothPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined || rest.length === 0) return '';
  const parts = [`M${at(first)}`];
  let before = first;
  for (const point of rest) {
    const bend = (before.x + point.x) / 2;
    parts.push(`C${at({ x: bend, y: before.y })} ${at({ x: bend, y: point.y })} ${at(point)}`);
    before = point;
  }
  return parts.join('');
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
