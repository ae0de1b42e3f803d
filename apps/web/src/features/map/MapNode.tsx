import { formatDuration, paletteSlot } from '@spanloom/flame';
import type { ServiceNodeJson } from '@spanloom/contract';
import type { KeyboardEvent, ReactNode } from 'react';
import { formatCount, formatShare } from '../../ui/format.ts';
import { iconPaths } from '../../ui/icon-paths.ts';
import { serviceTypes } from '../../ui/service-type.ts';
import { NODE_HEIGHT, NODE_WIDTH, type Point } from './map-layout.ts';
import { errorLevel } from './map-view.ts';
import styles from './map.module.css';

interface Props {
  readonly node: ServiceNodeJson;
  readonly place: Point;
  readonly showEnv: boolean;
  readonly selected: boolean;
  readonly isHit: boolean;
  readonly isAway: boolean;
  /** Of all nodes one is reached by Tab. */
  readonly takesKeys: boolean;
  readonly onFocus: () => void;
  readonly onHover: (on: boolean) => void;
  readonly onClick: () => void;
  readonly onKeyDown: (event: KeyboardEvent<SVGGElement>) => void;
}

const RING = 12;
const AROUND = 2 * Math.PI * RING;
const NAME_LENGTH = 19;

/** A service: a rectangle where it runs your code, a pill where it is managed, dashed where it is known from its callers only. */
export function MapNode({ node, place, ...props }: Props): ReactNode {
  const { text, icon, managed } = serviceTypes[node.type];
  const share = node.requests === 0 ? 0 : node.errors / node.requests;
  const level = errorLevel(node);
  const radius = managed ? NODE_HEIGHT / 2 : 5;
  const x = place.x - NODE_WIDTH / 2;
  const y = place.y - NODE_HEIGHT / 2;
  return (
    <g
      role="button"
      tabIndex={props.takesKeys ? 0 : -1}
      aria-pressed={props.selected}
      aria-label={wordsOf(node, text)}
      className={styles['node']}
      data-node={node.id}
      data-testid="map-node"
      data-selected={props.selected}
      data-hit={props.isHit}
      data-away={props.isAway}
      transform={`translate(${x} ${y})`}
      onFocus={props.onFocus}
      onPointerEnter={() => props.onHover(true)}
      onPointerLeave={() => props.onHover(false)}
      onClick={props.onClick}
      onKeyDown={props.onKeyDown}
    >
      <title>{`${node.service}, ${text}${node.inferred ? ', known from its callers only' : ''}`}</title>
      <rect
        className={styles['halo']}
        x={-3}
        y={-3}
        width={NODE_WIDTH + 6}
        height={NODE_HEIGHT + 6}
        rx={radius + 3}
      />
      <rect
        className={styles['box']}
        width={NODE_WIDTH}
        height={NODE_HEIGHT}
        rx={radius}
        data-inferred={node.inferred}
      />
      {managed ? null : (
        <path
          d={`M1 5v${NODE_HEIGHT - 10}`}
          className={styles['selvedge']}
          style={{ stroke: `var(--span-${paletteSlot(node.service) + 1}-edge)` }}
        />
      )}
      <circle className={styles['ring']} cx={22} cy={NODE_HEIGHT / 2} r={RING} />
      {level === 'fine' ? null : (
        <circle
          className={styles['ringErrors']}
          data-level={level}
          cx={22}
          cy={NODE_HEIGHT / 2}
          r={RING}
          strokeDasharray={`${AROUND * Math.max(0.04, share)} ${AROUND}`}
          transform={`rotate(-90 22 ${NODE_HEIGHT / 2})`}
        />
      )}
      <path
        className={styles['icon']}
        d={iconPaths[icon]}
        transform={`translate(15 ${NODE_HEIGHT / 2 - 7}) scale(0.875)`}
      />
      <text className={styles['name']} x={41} y={18}>
        {shortened(node.service)}
      </text>
      <text className={styles['figures']} x={41} y={32} data-level={level}>
        {figuresOf(node)}
        {props.showEnv ? ` · ${node.env || 'no env'}` : ''}
      </text>
    </g>
  );
}

function figuresOf(node: ServiceNodeJson): string {
  if (node.requests === 0 || node.p95_ns === null) return 'not entered';
  const count = formatCount(node.requests);
  return errorLevel(node) === 'bad'
    ? `${count} · ${formatShare(node.errors, node.requests)} failed`
    : `${count} · ${formatDuration(node.p95_ns)}`;
}

function wordsOf(node: ServiceNodeJson, type: string): string {
  const kind = node.inferred ? `${type}, inferred` : type;
  if (node.requests === 0 || node.p95_ns === null) return `${node.service}, ${kind}, no requests`;
  return `${node.service}, ${kind}, ${formatCount(node.requests)} requests, ${formatShare(node.errors, node.requests)} failed, p95 ${formatDuration(node.p95_ns)}`;
}

function shortened(name: string): string {
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1)}…`;
}
