import { Flag } from '@spanloom/flame';
import { type ReactNode, useMemo } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import styles from './FlameView.module.css';
import type { Scene } from './scene.ts';
import { sourceName } from './span-source.ts';
import { SourceMark } from './SourceMark.tsx';

const KEYED = ['datadog', 'otlp', 'xray', 'inferred', 'other'] as const;

function marksOf({ model }: Scene): Readonly<Record<'merged' | 'torn' | 'skewed', boolean>> {
  let all = 0;
  for (let row = 0; row < model.count; row++) all |= model.flags[row]!;
  return {
    merged: (all & Flag.merged) !== 0,
    torn: (all & Flag.torn) !== 0,
    skewed: (all & Flag.skewed) !== 0,
  };
}

/** What the marks mean; only those this trace has. */
export function FlameKey({ scene }: { readonly scene: Scene }): ReactNode {
  const { sources } = scene.trace;
  const marks = useMemo(() => marksOf(scene), [scene]);
  return (
    <div className={styles['key']} aria-hidden="true">
      {KEYED.filter((source) => sources[source] > 0).map((source) => (
        <span key={source}>
          <SourceMark sources={[source]} decorative />
          {sourceName(source)}
        </span>
      ))}
      {marks.merged ? (
        <span>
          <Icon name="merge" size={12} />
          both, merged
        </span>
      ) : null}
      {marks.torn ? (
        <span>
          <i className={styles['torn']} />
          did not finish
        </span>
      ) : null}
      {marks.skewed ? (
        <span>
          <i className={styles['skewed']} />
          clock aligned
        </span>
      ) : null}
      <span>
        <i style={{ height: 2, background: 'var(--text-soft)' }} />
        critical path
      </span>
      {scene.errorRows.length > 0 ? (
        <span>
          <i style={{ border: '1.5px solid var(--error)' }} />
          error
        </span>
      ) : null}
    </div>
  );
}
