import type { ReactNode } from 'react';
import styles from './map.module.css';

/** What shapes and lines mean. */
export function MapKey(): ReactNode {
  return (
    <div className={styles['key']} aria-hidden="true">
      <span>
        <svg width="18" height="12">
          <rect x=".5" y=".5" width="17" height="11" rx="3" />
        </svg>
        your code
      </span>
      <span>
        <svg width="20" height="12">
          <rect x=".5" y=".5" width="19" height="11" rx="5.5" />
        </svg>
        managed
      </span>
      <span>
        <svg width="18" height="12">
          <rect x=".5" y=".5" width="17" height="11" rx="5.5" strokeDasharray="3 2" />
        </svg>
        inferred from callers
      </span>
      <span>
        <svg width="22" height="6">
          <path d="M1 3h20" className={styles['line']} data-look="bad" strokeWidth="2" />
        </svg>
        5% failed or more
      </span>
      <span>width: requests, log; p95 in nodes</span>
    </div>
  );
}
