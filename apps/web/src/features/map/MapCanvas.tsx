import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useKeys } from '../../ui/use-keys.ts';
import { edgeKey, type MapLayout } from './map-layout.ts';
import { type Direction, neighbours, nextNode, type ShownMap } from './map-view.ts';
import { MapEdge } from './MapEdge.tsx';
import { MapKey } from './MapKey.tsx';
import { MapNode } from './MapNode.tsx';
import styles from './map.module.css';
import { usePanZoom } from './use-pan-zoom.ts';

interface Props {
  readonly layout: MapLayout;
  readonly shown: ShownMap;
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
}

/** Beyond this many edges labels would hide the map: only those of the node in question are shown. */
const LABELLED_EDGES = 80;
const READABLE = 0.55;

/** The drawing. One node at a time takes the keyboard; arrows walk to the next one in their direction. */
export function MapCanvas({ layout, shown, selected, onSelect }: Props): ReactNode {
  const region = useRef<HTMLDivElement>(null);
  const view = usePanZoom(region, layout);
  const [hovered, setHovered] = useState<string>();
  const [walked, setWalked] = useState<string>();
  const { scale, x, y } = view.transform;
  const first = shown.nodes.find(({ id }) => layout.nodes.has(id))?.id;
  const current = walked !== undefined && layout.nodes.has(walked) ? walked : (selected ?? first);
  useKeys({
    '+': () => view.zoom(1.25),
    '=': () => view.zoom(1.25),
    '-': () => view.zoom(0.8),
    '0': view.fit,
  });

  const { reveal } = view;
  const revealed = useRef<string>(undefined);
  useEffect(() => {
    const point = selected === undefined ? undefined : layout.nodes.get(selected);
    if (point !== undefined && revealed.current !== selected) reveal(point);
    revealed.current = selected;
  });

  const centre = hovered ?? selected;
  const near = centre === undefined ? undefined : neighbours(centre, shown.edges);
  const busiest = Math.max(1, ...shown.edges.map(({ requests }) => requests));
  const manyEnvs = new Set(shown.nodes.map(({ env }) => env)).size > 1;

  const onKeyDown = (event: KeyboardEvent, id: string): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect(id === selected ? undefined : id);
      return;
    }
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const next = nextNode(layout, id, event.key as Direction);
    if (next === undefined) return;
    setWalked(next);
    reveal(layout.nodes.get(next)!);
    region.current?.querySelector<SVGGElement>(`[data-node=${JSON.stringify(next)}]`)?.focus();
  };

  return (
    <div
      ref={region}
      className={styles['canvas']}
      onPointerDown={view.onPointerDown}
      onPointerMove={view.onPointerMove}
      onPointerUp={view.onPointerUp}
      onPointerCancel={view.onPointerUp}
      data-testid="map-canvas"
    >
      <svg role="group" aria-label="Service map, callers to the left of what they call">
        <defs>
          {(['plain', 'near', 'bad'] as const).map((look) => (
            <marker
              key={look}
              id={`arrow-${look}`}
              viewBox="0 0 6 6"
              refX="5"
              refY="3"
              markerWidth="7"
              markerHeight="7"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0 6 3 0 6z" className={styles['arrow']} data-look={look} />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${x} ${y}) scale(${scale})`}>
          {shown.edges.map((edge) => {
            const place = layout.edges.get(edgeKey(edge));
            if (place === undefined) return null;
            const isNear = centre !== undefined && (edge.from === centre || edge.to === centre);
            return (
              <MapEdge
                key={edgeKey(edge)}
                edge={edge}
                place={place}
                busiest={busiest}
                emphasis={centre === undefined ? 'none' : isNear ? 'near' : 'away'}
                labelled={
                  isNear ||
                  (centre === undefined &&
                    scale >= READABLE &&
                    shown.edges.length <= LABELLED_EDGES)
                }
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
                  if (!view.wasDragged()) onSelect(node.id === selected ? undefined : node.id);
                }}
                onKeyDown={(event) => onKeyDown(event, node.id)}
              />
            );
          })}
        </g>
      </svg>
      <MapKey />
      <div className={styles['zoom']}>
        <Button iconOnly aria-label="Zoom in" onClick={() => view.zoom(1.25)}>
          <Icon name="plus" size={14} />
        </Button>
        <Button iconOnly aria-label="Zoom out" onClick={() => view.zoom(0.8)}>
          <Icon name="minus" size={14} />
        </Button>
        <Button iconOnly aria-label="Fit all" onClick={view.fit} data-testid="map-fit">
          <Icon name="fit" size={14} />
        </Button>
      </div>
    </div>
  );
}
