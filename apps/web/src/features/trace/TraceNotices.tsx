import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { envMismatch } from './env-mismatch.ts';
import type { Scene } from './scene.ts';
import styles from './trace.module.css';

/** What changes how the picture has to be read, said above it. Everything lesser is under "Data quality". */
export function TraceNotices({
  scene,
  onSelect,
}: {
  readonly scene: Scene;
  readonly onSelect: (row: number) => void;
}): ReactNode {
  const { trace, model, root } = scene;
  const mismatch = envMismatch(trace);
  const noRoot = trace.problems.find(({ kind }) => kind === 'missing_root');
  const cut = trace.problems.filter(
    ({ kind }) =>
      kind === 'truncated' || kind === 'limit_exceeded' || kind === 'trace_id_collision',
  );
  const above = root === -1 ? -1 : (model.parent[root] ?? -1);
  return (
    <>
      {mismatch === undefined ? null : (
        <p className={styles['notice']} data-testid="env-mismatch">
          <Icon name="warning" size={14} />
          <span>
            {mismatch.message.replace(/\.?$/, '.')}{' '}
            {mismatch.otherTraceId === undefined ? null : (
              <Link
                to="/trace/$traceId"
                params={{ traceId: mismatch.otherTraceId }}
                className="link"
              >
                Open the other trace
              </Link>
            )}
          </span>
        </p>
      )}
      {noRoot === undefined ? null : (
        <p className={styles['notice']} data-testid="root-missing">
          <Icon name="warning" size={14} />
          <span>
            Root not received. The trace is named after the longest span whose parent is missing.{' '}
            {above === -1 ? null : (
              <button type="button" className="link" onClick={() => onSelect(above)}>
                Why it is probably missing
              </button>
            )}
          </span>
        </p>
      )}
      {cut.map((problem, i) => (
        <p key={i} className={styles['notice']}>
          <Icon name="cut" size={14} />
          <span>{problem.message}</span>
        </p>
      ))}
    </>
  );
}
