import { useParams } from '@tanstack/react-router';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiError } from '../../data/api.ts';
import { useTrace } from '../../data/queries.ts';
import { buttonClass } from '../../ui/controls.tsx';
import { Button } from '../../ui/controls.tsx';
import { EmptyRegion, ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { TraceWorkbench } from './TraceWorkbench.tsx';

/** One trace, by any form of its id. */
export function TracePage(): ReactNode {
  const { traceId } = useParams({ from: '/trace/$traceId' });
  // The environment of the header narrows lists; a trace is one whatever environments it crosses.
  const trace = useTrace(traceId, undefined);
  // Keyed by the id asked for: the trace's own may become a fuller one when its other half arrives.
  if (trace.data !== undefined) return <TraceWorkbench key={traceId} trace={trace.data} />;
  if (trace.isPending) return <SkeletonRows rows={22} />;
  if (trace.error instanceof ApiError && trace.error.status === 404) {
    return (
      <EmptyRegion
        icon="search"
        title="No such trace here"
        testId="trace-not-found"
        actions={
          <>
            <Button onClick={() => void trace.refetch()}>Look again</Button>
            <Link to="/traces" className={buttonClass()}>
              Open the explorer
            </Link>
          </>
        }
      >
        Nothing is stored under <span className="mono">{traceId}</span>. It may still be on its way
        (spans arrive when their tracer next flushes), be older than the retention, or have been
        sent to another server.
      </EmptyRegion>
    );
  }
  return (
    <ErrorRegion
      title="Could not load the trace"
      error={trace.error}
      onRetry={() => void trace.refetch()}
    />
  );
}
