import type {
  EnvironmentsResponse,
  RawTraceResponse,
  SystemResponse,
  TraceResponse,
} from '@spanloom/contract';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import {
  ApiError,
  fetchEnvironments,
  fetchRawTrace,
  fetchSystem,
  fetchTrace,
  knowsTrace,
} from './api.ts';
import { nextReadMs } from './next-read.ts';

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
    refetchInterval: ({ state: { data } }) =>
      (data === undefined ? undefined : nextReadMs(data, Date.now())) ?? false,
    retry: retryPolicy,
  });
}

/** Whether anything is stored under a trace id; undefined until known. */
export function useTraceKnown(traceId: string): boolean | undefined {
  const found = useQuery({
    queryKey: ['trace-known', traceId],
    queryFn: ({ signal }) => knowsTrace(traceId, signal),
    staleTime: 60_000,
    retry: retryPolicy,
  });
  return found.data;
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
