import type { Grouping } from '@spanloom/flame';
import { type ReactNode, useState } from 'react';
import { Swatch } from '../../ui/controls.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import styles from './FlameView.module.css';
import { type GroupFilter, isolate, toggleHidden } from './group-filter.ts';
import type { Scene } from './scene.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly title: string;
  readonly filter: GroupFilter;
  readonly onFilter: (filter: GroupFilter) => void;
}

const SHOWN = 14;

/** Groups by share of execution time: click to isolate, Alt-click to hide. */
export function Legend({ scene, grouping, title, filter, onFilter }: Props): ReactNode {
  const [all, setAll] = useState(false);
  const covered = scene.exec.coveredNs;
  const max = grouping.groups[0]?.execNs ?? 1;
  const shown = all ? grouping.groups : grouping.groups.slice(0, SHOWN);
  const rest = grouping.groups.slice(shown.length);
  return (
    <aside className={styles['legend']} aria-label={`Legend by ${title}`} data-testid="legend">
      <div className={styles['legendHead']}>
        <span>{title}</span>
        <span>% exec time · spans</span>
      </div>
      <ul>
        {shown.map((group) => {
          const off =
            filter.hidden.has(group.name) ||
            (filter.isolated !== undefined && filter.isolated !== group.name);
          return (
            <li key={group.name}>
              <button
                type="button"
                data-off={off}
                aria-pressed={filter.isolated === group.name}
                title={`${group.name}\nClick to show alone, Alt-click to hide`}
                onClick={(event) =>
                  onFilter(
                    event.altKey ? toggleHidden(filter, group.name) : isolate(filter, group.name),
                  )
                }
              >
                <Swatch name={group.name} slot={group.slot} />
                <span className="ell">{group.name}</span>
                <span className="num">{formatShare(group.execNs, covered)}</span>
                <span className={styles['meter']}>
                  <i
                    style={{
                      width: `${Math.max(2, (100 * group.execNs) / max)}%`,
                      background: `var(--span-${group.slot + 1}-edge)`,
                    }}
                  />
                </span>
                <span className="num faint">{formatCount(group.spans)}</span>
              </button>
            </li>
          );
        })}
        {rest.length > 0 ? (
          <li>
            <button type="button" onClick={() => setAll(true)}>
              <span />
              <span className="faint">{rest.length} more</span>
              <span className="num faint">
                {formatShare(
                  rest.reduce((sum, group) => sum + group.execNs, 0),
                  covered,
                )}
              </span>
            </button>
          </li>
        ) : null}
        {scene.exec.idleNs > 0 ? (
          <li className={styles['idle']} title="Time of the trace in which no span ran">
            <span />
            <span>idle, waiting</span>
            <span className="num">{formatShare(scene.exec.idleNs, scene.model.durationNs)}</span>
          </li>
        ) : null}
      </ul>
    </aside>
  );
}
