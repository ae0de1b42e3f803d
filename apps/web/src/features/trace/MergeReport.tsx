import type { Grouping } from '@spanloom/flame';
import { type ReactNode, useState } from 'react';
import { formatPlural } from '../../ui/format.ts';
import styles from './MergeReport.module.css';
import { MergeVerdictRow } from './MergeVerdictRow.tsx';
import type { Scene } from './scene.ts';
import { verdictCounts, verdictTone } from './verdict-words.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly selected: number;
  readonly onSelect: (row: number) => void;
}

/** More that ask for attention stay closed: the first ones show the pattern. */
const OPEN_AT_FIRST = 3;

/** For each invocation whether its X-Ray and APM halves were joined, on what evidence, and what would join them. */
export function MergeReport(props: Props): ReactNode {
  const { merge } = props.scene.trace;
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const asking = merge.filter(({ verdict }) => ['warn', 'crit'].includes(verdictTone(verdict)));
  if (merge.length === 0) {
    return (
      <p className={`${styles['none']} soft`} data-testid="merge-report">
        No Lambda invocation in this trace, so there is nothing that X-Ray and a tracer would both
        have reported.
      </p>
    );
  }
  return (
    <div data-testid="merge-report">
      <p className={`${styles['summary']} faint`}>
        {formatPlural(merge.length, 'invocation')}: {verdictCounts(merge)}
      </p>
      <ul className={styles['list']}>
        {merge.map((verdict, i) => {
          const key = `${verdict.function} ${verdict.request_id ?? i}`;
          const open = changed.get(key) ?? asking.slice(0, OPEN_AT_FIRST).includes(verdict);
          return (
            <MergeVerdictRow
              key={key}
              {...props}
              verdict={verdict}
              open={open}
              onToggle={() => setChanged(new Map(changed).set(key, !open))}
            />
          );
        })}
      </ul>
    </div>
  );
}
