import { formatDuration } from '@spanloom/flame';
import type { ServiceEdgeJson } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '../../ui/format.ts';
import type { Point } from './map-layout.ts';
import { edgeWidth, errorLevel } from './map-view.ts';
import styles from './map.module.css';

interface Props {
  readonly edge: ServiceEdgeJson;
  readonly place: { readonly path: string; readonly label: Point };
  readonly busiest: number;
  readonly emphasis: 'none' | 'near' | 'away';
  readonly labelled: boolean;
}

const CHARACTER = 5.6;

/** A line as wide as the logarithm of its requests, red where one in twenty fails. */
export function MapEdge({ edge, place, busiest, emphasis, labelled }: Props): ReactNode {
  const isBad = errorLevel(edge) === 'bad';
  const look = isBad ? 'bad' : emphasis === 'near' ? 'near' : 'plain';
  const count = formatCount(edge.requests);
  const width = count.length * CHARACTER + 8;
  return (
    <g className={styles['edge']} data-emphasis={emphasis} data-testid="map-edge">
      <title>
        {`${edge.requests.toLocaleString('en-GB')} requests, ${formatShare(edge.errors, edge.requests)} failed, p50 ${formatDuration(edge.p50_ns)}, p95 ${formatDuration(edge.p95_ns)}`}
      </title>
      <path className={styles['reach']} d={place.path} />
      <path
        className={styles['line']}
        data-look={look}
        d={place.path}
        strokeWidth={edgeWidth(edge.requests, busiest).toFixed(2)}
        markerEnd={`url(#arrow-${look})`}
      />
      {labelled ? (
        <g transform={`translate(${place.label.x} ${place.label.y})`}>
          <rect
            className={styles['labelBox']}
            x={-width / 2}
            y={-8}
            width={width}
            height={16}
            rx={3}
          />
          <text className={styles['label']} data-look={look} y={3.5}>
            {count}
          </text>
        </g>
      ) : null}
    </g>
  );
}
