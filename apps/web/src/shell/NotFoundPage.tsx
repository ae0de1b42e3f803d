import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass } from '../ui/controls.tsx';
import { EmptyRegion } from '../ui/States.tsx';

export function NotFoundPage(): ReactNode {
  return (
    <EmptyRegion
      icon="filter"
      title="No such page"
      actions={
        <Link to="/traces" className={buttonClass('primary')}>
          Open the explorer
        </Link>
      }
    >
      Nothing is at <span className="mono">{location.pathname}</span>. The address may be from a
      newer version.
    </EmptyRegion>
  );
}
