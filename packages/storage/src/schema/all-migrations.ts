import type { Migration } from './migration.ts';
import { spans } from './migrations/0001-spans.ts';
import { traceKeysAndVersions } from './migrations/0002-trace-keys.ts';

/** Every change of the schema, in the order in which they run. */
export const migrations: readonly Migration[] = [spans, traceKeysAndVersions];
