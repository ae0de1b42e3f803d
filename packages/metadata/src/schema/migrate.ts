import { type Clock, ConfigError } from '@spanloom/base';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import { migrations } from './all-migrations.ts';
import { checksum, type Migration } from './migration.ts';

/**
 * Brings the schema up to date, each migration in a transaction of its own.
 *
 * @throws {ConfigError} If the data was written by a newer version, or a migration that has run was changed since.
 * @returns The ids of the migrations that ran.
 */
export async function migrate(
  database: Kysely<Tables>,
  clock: Clock,
  all: readonly Migration[] = migrations,
): Promise<readonly number[]> {
  await sql`
    CREATE TABLE IF NOT EXISTS schema_migration (
      id BIGINT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      checksum TEXT NOT NULL,
      applied BIGINT NOT NULL
    )`.execute(database);
  const applied = await database.selectFrom('schema_migration').selectAll().orderBy('id').execute();
  for (const { id, name, checksum: stored } of applied) demandKnown({ id, name, stored }, all);
  const ran: number[] = [];
  for (const migration of all) {
    if (applied.some(({ id }) => id === migration.id)) continue;
    await database.transaction().execute(async (transaction) => {
      for (const statement of migration.statements) await sql.raw(statement).execute(transaction);
      const { id, name } = migration;
      await transaction
        .insertInto('schema_migration')
        .values({ id, name, checksum: checksum(migration), applied: clock.now() })
        .execute();
    });
    ran.push(migration.id);
  }
  return ran;
}

function demandKnown(
  { id, name, stored }: { id: number; name: string; stored: string },
  all: readonly Migration[],
): void {
  const migration = all.find((one) => one.id === id);
  if (migration === undefined) {
    throw new ConfigError(
      `Cannot use this metadata: it has seen schema change ${id} (${name}), which this version does not know; ` +
        'run the version that wrote it, or a newer one',
    );
  }
  if (checksum(migration) !== stored) {
    throw new ConfigError(
      `Cannot use this metadata: schema change ${id} (${name}) ran here as ${stored} and now reads ${checksum(migration)}; ` +
        'a change that has run must not be edited',
    );
  }
}
