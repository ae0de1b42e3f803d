import type { ReactNode } from 'react';
import styles from './explorer.module.css';

interface Props {
  readonly problem: {
    readonly message: string;
    readonly start: number;
    readonly suggestion?: string;
  };
  readonly onUse: (suggestion: string) => void;
}

/** What is wrong with the query, where, and what could be written instead. */
export function ProblemLine({ problem, onUse }: Props): ReactNode {
  const { suggestion } = problem;
  return (
    <p className={styles['problem']} role="alert" data-testid="query-problem">
      At {problem.start + 1}: {problem.message}{' '}
      {suggestion === undefined ? null : (
        <button type="button" className="link" onClick={() => onUse(suggestion)}>
          Use <span className="mono">{suggestion}</span>
        </button>
      )}
    </p>
  );
}
