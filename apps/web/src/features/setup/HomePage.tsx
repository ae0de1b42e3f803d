import { Navigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSystem } from '../../data/queries.ts';
import { SetupPage } from './SetupPage.tsx';

/** The explorer once a span has ever arrived, until then the way to send one. */
export function HomePage(): ReactNode {
  const system = useSystem(2000);
  const seen = (system.data?.spans.received ?? 0) > 0 || (system.data?.spans.stored ?? 0) > 0;
  if (system.isPending) return null;
  return seen ? <Navigate to="/traces" replace /> : <SetupPage />;
}
