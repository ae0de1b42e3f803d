import type {
  EnvironmentsResponse,
  RawTraceResponse,
  SystemResponse,
  TraceResponse,
} from '@spanloom/contract';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { ApiError, fetchEnvironments, fetchRawTrace, fetchSystem, fetchTrace } from './api.ts';

/** Not found and not allowed are answers: asking again changes nothing. */
export function retryPolicy(failures: number, error: Error): boolean {
  return (
    failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500)
  );
}

export function useTrace(traceId: string, env: string | undefined): UseQueryResult<TraceResponse> {
  return useQuery({
    queryKey: ['trace', traceId, env],
    queryFn: ({ signal }) => fetchTrace(traceId, env, signal),
    staleTime: 60_000,
    // A trace that ended a moment ago may still be arriving. Large ones are spared the repeated work.
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && data.spans.length < 5_000 && isYoung(data) ? 3_000 : false,
    retry: retryPolicy,
  });
}

const ARRIVING_MS = 30_000;

function isYoung(trace: TraceResponse): boolean {
  return Date.now() - (Number(trace.start_ns) + trace.duration_ns) / 1e6 < ARRIVING_MS;
}

/** The stored rows behind a trace. */
export function useRawTrace(traceId: string): UseQueryResult<RawTraceResponse> {
  return useQuery({
    queryKey: ['raw-trace', traceId],
    queryFn: ({ signal }) => fetchRawTrace(traceId, signal),
    staleTime: 60_000,
    retry: retryPolicy,
  });
}

export function useSystem(refreshMs: number): UseQueryResult<SystemResponse> {
  return useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => fetchSystem(signal),
    refetchInterval: refreshMs,
    retry: retryPolicy,
  });
}

export function useEnvironments(range: {
  readonly from: string;
  readonly to: string;
}): UseQueryResult<EnvironmentsResponse> {
  return useQuery({
    queryKey: ['environments', range.from, range.to],
    queryFn: ({ signal }) => fetchEnvironments(range, signal),
    staleTime: 30_000,
    retry: retryPolicy,
  });
}
