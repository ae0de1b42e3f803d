import { xrayTables } from './0001-xray.ts';
import { readSince } from './0002-read-since.ts';
import { sourceParts } from './0003-source-parts.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run. */
export const migrations: readonly Migration[] = [xrayTables, readSince, sourceParts];
