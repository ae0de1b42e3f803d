import { OverloadedError } from '@spanloom/base';
import type { RecentReader, SpanReader } from '@spanloom/api';
import type { SpanStore } from '@spanloom/storage';

/** A reader that refuses politely until the store is open. */
export function spanReader(store: () => SpanStore | undefined): SpanReader & RecentReader {
  const opened = (): SpanStore => {
    const one = store();
    if (one === undefined) {
      throw new OverloadedError(
        'Cannot read yet: the database is still opening; try again in a moment',
      );
    }
    return one;
  };
  return {
    trace: async (id, options) => opened().trace(id, options),
    rawTrace: async (id, options) => opened().rawTrace(id, options),
    search: async (search, signal) => opened().search(search, signal),
    recent: async (search, signal) => opened().recent(search, signal),
    environments: async (range, signal) => opened().environments(range, signal),
  };
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
