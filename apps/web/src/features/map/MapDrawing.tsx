import { type KeyboardEvent, memo, type ReactNode, useState } from 'react';
import { edgeKey, type MapLayout, type Point } from './map-layout.ts';
import { type Direction, neighbours, nextNode, type ShownMap } from './map-view.ts';
import { MapEdge } from './MapEdge.tsx';
import { MapNode } from './MapNode.tsx';

interface Props {
  readonly layout: MapLayout;
  readonly shown: ShownMap;
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
  readonly isReadable: boolean;
  readonly reveal: (point: Point) => void;
  /** Whether a click ends a drag, and means nothing. */
  readonly wasDragged: () => boolean;
}

/** Beyond this many edges labels would hide the map: only those of the node in question are shown. */
const LABELLED_EDGES = 80;

/**
 * Edges below nodes. One node at a time takes the keyboard; arrows walk to the next one in their direction.
 *
 * Remembered as it is while the region is dragged and zoomed: hundreds of nodes would not be drawn again in a frame.
 */
export const MapDrawing = memo(function MapDrawing(props: Props): ReactNode {
  const { layout, shown, selected, onSelect } = props;
  const [hovered, setHovered] = useState<string>();
  const [walked, setWalked] = useState<string>();
  const first = shown.nodes.find(({ id }) => layout.nodes.has(id))?.id;
  const current =
    [walked, selected].find((id) => id !== undefined && layout.nodes.has(id)) ?? first;
  const centre = hovered ?? selected;
  const near = centre === undefined ? undefined : neighbours(centre, shown.edges);
  const busiest = Math.max(1, ...shown.edges.map(({ requests }) => requests));
  const manyEnvs = new Set(shown.nodes.map(({ env }) => env)).size > 1;
  const labelsAll =
    centre === undefined && props.isReadable && shown.edges.length <= LABELLED_EDGES;

  const toggle = (id: string): void => onSelect(id === selected ? undefined : id);
  const onKeyDown = (event: KeyboardEvent<SVGGElement>, id: string): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      toggle(id);
      return;
    }
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const next = nextNode(layout, id, event.key as Direction);
    if (next === undefined) return;
    setWalked(next);
    props.reveal(layout.nodes.get(next)!);
    event.currentTarget.ownerSVGElement
      ?.querySelector<SVGGElement>(`[data-node=${JSON.stringify(next)}]`)
      ?.focus();
  };

  return (
    <>
      {shown.edges.map((edge) => {
        const place = layout.edges.get(edgeKey(edge));
        if (place === undefined) return null;
        const isNear = edge.from === centre || edge.to === centre;
        return (
          <MapEdge
            key={edgeKey(edge)}
            edge={edge}
            place={place}
            busiest={busiest}
            emphasis={centre === undefined ? 'none' : isNear ? 'near' : 'away'}
            labelled={isNear || labelsAll}
          />
        );
      })}
      {shown.nodes.map((node) => {
        const place = layout.nodes.get(node.id);
        if (place === undefined) return null;
        return (
          <MapNode
            key={node.id}
            node={node}
            place={place}
            showEnv={manyEnvs}
            selected={node.id === selected}
            isHit={shown.hits.has(node.id)}
            isAway={near !== undefined && !near.has(node.id)}
            takesKeys={node.id === current}
            onFocus={() => setWalked(node.id)}
            onHover={(on) => setHovered(on ? node.id : undefined)}
            onClick={() => {
              if (!props.wasDragged()) toggle(node.id);
            }}
            onKeyDown={(event) => onKeyDown(event, node.id)}
          />
        );
      })}
    </>
  );
});
