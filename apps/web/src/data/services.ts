import type { ServiceMapResponse, ServicesResponse } from '@spanloom/contract';
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { isRelative, type TimeRange } from '../ui/time-range.ts';
import { request } from './api.ts';
import { retryPolicy } from './queries.ts';

const REFRESH_MS = 30_000;

/** Services and what they call, of one environment or all; read again while the range moves. */
export function useServices(
  env: string | undefined,
  range: TimeRange,
): UseQueryResult<ServicesResponse> {
  return useQuery({
    queryKey: ['services', env, range.from, range.to],
    queryFn: ({ signal }) =>
      request<ServicesResponse>(`/api/services?${searchOf(env, range)}`, { signal }),
    ...(isRelative(range) && { refetchInterval: REFRESH_MS }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: retryPolicy,
  });
}

/** As `useServices`, with the calls between them. */
export function useServiceMap(
  env: string | undefined,
  range: TimeRange,
): UseQueryResult<ServiceMapResponse> {
  return useQuery({
    queryKey: ['service-map', env, range.from, range.to],
    queryFn: ({ signal }) =>
      request<ServiceMapResponse>(`/api/service-map?${searchOf(env, range)}`, { signal }),
    ...(isRelative(range) && { refetchInterval: REFRESH_MS }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: retryPolicy,
  });
}

function searchOf(env: string | undefined, range: TimeRange): string {
  const params = new URLSearchParams({ from: range.from, to: range.to });
  if (env !== undefined) params.set('env', env);
  return params.toString();
}
