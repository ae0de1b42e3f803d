import type { ReactNode } from 'react';
import { ApiError } from '../data/api.ts';
import { Button } from './controls.tsx';
import { Icon } from './Icon.tsx';
import type { IconName } from './icon-paths.ts';
import styles from './states.module.css';
import { copyText } from './Toast.tsx';

const WIDTHS = [74, 61, 82, 55, 68, 78, 49, 71, 64, 58, 80, 52];

/** Rows in place at their final size; grey bars after 150 ms. */
export function SkeletonRows({ rows = 12 }: { readonly rows?: number }): ReactNode {
  return (
    <div className={styles['skeleton']} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={styles['line']}>
          <i style={{ width: `${WIDTHS[i % WIDTHS.length]}%` }} />
        </div>
      ))}
    </div>
  );
}

interface RegionProps {
  readonly icon: IconName;
  readonly title: string;
  readonly tone?: 'err' | 'warn';
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly testId?: string;
}

/** What stands in a region that has nothing to show: what happened, and what to do. */
export function EmptyRegion({
  icon,
  title,
  tone,
  children,
  actions,
  testId,
}: RegionProps): ReactNode {
  return (
    <section className={styles['region']} data-testid={testId}>
      <h2 className={`${styles['title']} ${tone ?? ''}`}>
        <Icon name={icon} size={14} />
        {title}
      </h2>
      <div className={styles['body']}>{children}</div>
      {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
    </section>
  );
}

interface ErrorProps {
  readonly title: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}

export function ErrorRegion({ title, error, onRetry }: ErrorProps): ReactNode {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <EmptyRegion
      icon="warning"
      title={title}
      tone="err"
      testId="error-region"
      actions={
        <>
          <Button onClick={onRetry}>Retry</Button>
          <Button onClick={() => void copyText(diagnosticsOf(error), 'Diagnostics')}>
            Copy diagnostics
          </Button>
        </>
      }
    >
      {message}
    </EmptyRegion>
  );
}

function diagnosticsOf(error: unknown): string {
  const facts = {
    error: error instanceof Error ? error.message : String(error),
    ...(error instanceof ApiError && {
      status: error.status,
      code: error.code,
      request: error.request,
    }),
    page: location.href,
    at: new Date().toISOString(),
  };
  return JSON.stringify(facts, null, 2);
}
