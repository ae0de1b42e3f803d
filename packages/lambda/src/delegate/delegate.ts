import type { TraceContext } from '../context/trace-context.ts';
import type { Tracing } from '../tracing.ts';
import { ddTracing } from './dd-trace.ts';
import { openTelemetryTracing } from './opentelemetry.ts';

/**
 * The tracer that the function brought, if it did: the spans of its own code have to be in the same trace as ours, and two
 * tracers would each know half of it. `SPANLOOM_TRACER` (`own`, `dd-trace`, `opentelemetry`) overrides what is found.
 */
export function delegateTracing(
  wanted: string,
  parent: TraceContext | undefined,
): Tracing | undefined {
  if (wanted === 'own') return undefined;
  const dd = wanted === 'opentelemetry' ? undefined : ddTracing(parent);
  if (dd !== undefined || wanted === 'dd-trace') return dd;
  return openTelemetryTracing(parent);
}
