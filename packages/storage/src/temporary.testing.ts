import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@spanloom/base';
import type { Database } from './database.ts';
import { openEmbeddedDatabase } from './embedded/chdb-database.ts';
import { migrate } from './schema/migrate.ts';
import type { Retention } from './schema/retention.ts';

/** A folder that goes when it is disposed. */
export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'spanloom-storage-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export const RETENTION: Retention = { liveMinutes: 15, keptDays: 15 };

/** A database with its tables. The engine takes one directory per process at a time. */
export async function openMigrated(directory: string): Promise<Database> {
  const database = await openEmbeddedDatabase({ directory });
  await migrate(database, { clock: systemClock, retention: RETENTION });
  return database;
}
