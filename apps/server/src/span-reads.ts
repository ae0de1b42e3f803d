import { OverloadedError } from '@spanloom/base';
import type { SpanReader } from '@spanloom/api';
import type { SpanStore } from '@spanloom/storage';

/** A reader that refuses politely until the store is open. */
export function spanReader(store: () => SpanStore | undefined): SpanReader {
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
    environments: async (range, signal) => opened().environments(range, signal),
  };
}
