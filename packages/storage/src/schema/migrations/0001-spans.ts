import type { Migration } from '../migration.ts';
import { clientStats } from '../client-stats-table.ts';
import { spansKept, spansLive } from '../span-tables.ts';

/** The two span tables, and what clients counted themselves. */
export const spans: Migration = {
  id: 1,
  name: 'spans',
  steps: [
    { kind: 'create-table', table: spansLive },
    { kind: 'create-table', table: spansKept },
    { kind: 'create-table', table: clientStats },
  ],
};
