import { NotFoundError } from '@spanloom/base';
import type { XRayControl } from './ports.ts';

/** Of a server that reads no X-Ray, but would take a range. */
export const xrayControl: XRayControl = {
  status: () => ({ enabled: false, regions: [] }),
  coverage: () => undefined,
  check: (account, region) => Promise.reject(new NotFoundError('region', `${account}/${region}`)),
  crawlNow: () => {},
  backfill: async ({ from, to }) => ({
    id: 'b1',
    from,
    to,
    state: 'queued',
    progress: 0,
    traces: 0,
    error: null,
  }),
  backfillStatus: (id) => Promise.reject(new NotFoundError('backfill', id)),
  cancelBackfill: (id) => Promise.reject(new NotFoundError('backfill', id)),
  policy: (format) => (format === 'json' ? '{}' : 'Resources: {}'),
};
