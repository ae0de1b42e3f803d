import type {
  XRayBackfill,
  XRayBackfillRequest,
  XRayRegionStatus,
  XRayStatusResponse,
} from '@spanloom/contract';
import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { request, requestText } from './api.ts';
import { retryPolicy } from './queries.ts';

/** Which account's region a question is about. */
export interface RegionKey {
  readonly account: string;
  readonly region: string;
}

const STATUS = ['xray-status'];

function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** How reading X-Ray stands, asked for again every five seconds while somebody looks. */
export function useXRayStatus(): UseQueryResult<XRayStatusResponse> {
  return useQuery({
    queryKey: STATUS,
    queryFn: ({ signal }) => request<XRayStatusResponse>('/api/xray/status', { signal }),
    refetchInterval: 5_000,
    retry: retryPolicy,
  });
}

export type PolicyFormat = 'json' | 'cloudformation';

/** What an account must allow, as text to paste. */
export function useXRayPolicy(format: PolicyFormat): UseQueryResult<string> {
  return useQuery({
    queryKey: ['xray-policy', format],
    queryFn: ({ signal }) => requestText(`/api/xray/policy?format=${format}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: retryPolicy,
  });
}

/** Something that is asked of the crawler. The status is read again once it has answered. */
function useXRayAction<Input, Answer>(
  act: (input: Input) => Promise<Answer>,
): UseMutationResult<Answer, Error, Input> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => client.invalidateQueries({ queryKey: STATUS }),
  });
}

/** Tries every call of a region. */
export function useCheckPermissions(): UseMutationResult<XRayRegionStatus, Error, RegionKey> {
  return useXRayAction(({ account, region }) => post('/api/xray/check', { account, region }));
}

/** Polls every region without waiting for its turn. */
export function useCrawlNow(): UseMutationResult<unknown, Error, void> {
  return useXRayAction(() => post('/api/xray/crawl', {}));
}

export function useStartBackfill(): UseMutationResult<XRayBackfill, Error, XRayBackfillRequest> {
  return useXRayAction((wanted) => post('/api/xray/backfills', wanted));
}

export function useCancelBackfill(): UseMutationResult<unknown, Error, string> {
  return useXRayAction((id) =>
    request(`/api/xray/backfills/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  );
}
