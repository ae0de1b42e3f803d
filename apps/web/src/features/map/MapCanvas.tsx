import { type ReactNode, useRef } from 'react';
import { Button } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useKeys } from '../../ui/use-keys.ts';
import type { MapLayout } from './map-layout.ts';
import type { ShownMap } from './map-view.ts';
import { MapDrawing } from './MapDrawing.tsx';
import { MapKey } from './MapKey.tsx';
import styles from './map.module.css';
import { usePanZoom } from './use-pan-zoom.ts';

interface Props {
  readonly layout: MapLayout;
  readonly shown: ShownMap;
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
}

/** Labels of edges are no use when they are drawn smaller than this. */
const READABLE = 0.55;

/** The region that shows the drawing: dragged, zoomed, fitted. */
export function MapCanvas({ layout, shown, selected, onSelect }: Props): ReactNode {
  const region = useRef<HTMLDivElement>(null);
  const target = selected === undefined ? undefined : layout.nodes.get(selected);
  const view = usePanZoom(region, layout, target);
  const { scale, x, y } = view.transform;
  useKeys({
    '+': () => view.zoom(1.25),
    '=': () => view.zoom(1.25),
    '-': () => view.zoom(0.8),
    '0': view.fit,
  });
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
          <MapDrawing
            layout={layout}
            shown={shown}
            selected={selected}
            onSelect={onSelect}
            isReadable={scale >= READABLE}
            reveal={view.reveal}
            wasDragged={view.wasDragged}
          />
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
