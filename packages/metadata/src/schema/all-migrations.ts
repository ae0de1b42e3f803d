import { xrayTables } from './0001-xray.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run. */
export const migrations: readonly Migration[] = [xrayTables];
