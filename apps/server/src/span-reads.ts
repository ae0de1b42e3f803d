import { OverloadedError } from '@spanloom/base';
import type { RecentReader, ServicesReader, SpanAnalyticsReader, SpanReader } from '@spanloom/api';
import type { SpanAnalytics, SpanServices, SpanStore } from '@spanloom/storage';

/** A reader that refuses politely until the store is open. */
export function spanReader(store: () => SpanStore | undefined): SpanReader & RecentReader {
  const opened = (): SpanStore => demandOpen(store());
  return {
    traces: async (ids, options) => opened().traces(ids, options),
    tracesByKey: async (keys, options) => opened().tracesByKey(keys, options),
    rawTrace: async (id, options) => opened().rawTrace(id, options),
    search: async (search, signal) => opened().search(search, signal),
    recent: async (search, signal) => opened().recent(search, signal),
    environments: async (range, signal) => opened().environments(range, signal),
  };
}

/** As `spanReader`, for computing. */
export function analyticsReader(analytics: () => SpanAnalytics | undefined): SpanAnalyticsReader {
  return {
    aggregate: async (wanted, signal) => demandOpen(analytics()).aggregate(wanted, signal),
  };
}

/** As `spanReader`, for services and their calls. */
export function servicesReader(services: () => SpanServices | undefined): ServicesReader {
  return {
    map: async (wanted, signal) => demandOpen(services()).map(wanted, signal),
  };
}

function demandOpen<Store>(store: Store | undefined): Store {
  if (store !== undefined) return store;
  throw new OverloadedError(
    'Cannot read yet: the database is still opening; try again in a moment',
  );
}

/** Refuses as well while the log of an earlier process is read back: its spans come before those a live stream would begin with. */
export function recentReader(reader: RecentReader, attached: () => boolean): RecentReader {
  return {
    recent: async (search, signal) => {
      if (attached()) return reader.recent(search, signal);
      throw new OverloadedError(
        'Cannot follow spans yet: the write-ahead log is being read back; try again in a moment',
      );
    },
  };
}
