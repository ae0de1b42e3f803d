import type { Migration } from './migration.ts';

/** From when on a region's traces have been listed, so that an older request is not taken for one that X-Ray did not record. */
export const readSince: Migration = {
  id: 2,
  name: 'read-since',
  statements: ['ALTER TABLE xray_region ADD COLUMN read_since BIGINT'],
};
