import type { Migration } from './migration.ts';

/**
 * What a source last added to a trace, so that the trace can be written while that source cannot be asked; and how far the trace had
 * grown in both places when the source was found to be a copy, so that it is looked at again once it grows on its own.
 */
export const sourceParts: Migration = {
  id: 3,
  name: 'source-parts',
  statements: [
    'ALTER TABLE xray_trace_source ADD COLUMN documents TEXT',
    'ALTER TABLE xray_trace_source ADD COLUMN owner_revision BIGINT',
    'ALTER TABLE xray_trace_source ADD COLUMN noticed_revision BIGINT',
  ],
};
