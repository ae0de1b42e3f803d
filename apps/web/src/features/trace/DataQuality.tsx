import type { TraceProblem } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../ui/controls.tsx';
import { formatCount, formatPlural } from '../../ui/format.ts';
import { groupProblems } from './problem-groups.ts';
import type { Scene } from './scene.ts';
import styles from './DataQuality.module.css';

interface Props {
  readonly scene: Scene;
  readonly onSelect: (row: number) => void;
}

/** A kind with thousands of members is shown by its first ones. */
const SHOWN = 50;

/** Everything a reader should know before trusting the trace's shape: by kind, with counts and the spans concerned. */
export function DataQuality({ scene, onSelect }: Props): ReactNode {
  const groups = groupProblems(scene.trace);
  return (
    <div className={styles['view']} data-testid="problems">
      {groups.length === 0 ? (
        <p className="soft">
          Every parent is here, every span has ended, and no clock is visibly off.
        </p>
      ) : (
        groups.map((group) => (
          <section key={group.title}>
            <h4 className="medium">
              {group.title}{' '}
              <Badge look={group.notice ? 'line' : 'warn'}>{formatCount(group.count)}</Badge>
            </h4>
            <ul>
              {group.problems.slice(0, SHOWN).map((problem, i) => (
                <Problem key={i} problem={problem} scene={scene} onSelect={onSelect} />
              ))}
            </ul>
            {group.problems.length > SHOWN ? (
              <p className="faint">and {formatPlural(group.problems.length - SHOWN, 'more')}</p>
            ) : null}
          </section>
        ))
      )}
    </div>
  );
}

function Problem({
  problem,
  scene,
  onSelect,
}: Props & { readonly problem: Pick<TraceProblem, 'span_id' | 'message' | 'count'> }): ReactNode {
  const row = scene.rowOf(problem.span_id);
  return (
    <li>
      <span className="soft">{problem.message}</span>{' '}
      {row === undefined ? null : (
        <button type="button" className="link" onClick={() => onSelect(row)}>
          Show it
        </button>
      )}
    </li>
  );
}
