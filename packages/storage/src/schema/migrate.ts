import { type Clock, ConfigError } from '@spanloom/base';
import {
  type DdlTarget,
  EMBEDDED,
  p,
  renderSchema,
  renderStep,
  returning,
  sql,
} from '@spanloom/sql';
import type { Database } from '../database.ts';
import { bindParams } from '../bind-params.ts';
import { numberField, rowParser, textField } from '../row-fields.ts';
import { migrations } from './all-migrations.ts';
import { checksum, type Migration } from './migration.ts';
import { schemaMigration } from './migration-table.ts';
import { type Retention, timesToLive } from './retention.ts';
import type { TableName } from './tables.ts';

export interface MigrateOptions {
  readonly clock: Clock;
  readonly retention: Retention;
  readonly target?: DdlTarget;
  /** Other than all of ours, for tests. */
  readonly migrations?: readonly Migration[];
}

/**
 * Brings the schema up to date: runs each migration this database has not seen, then applies retention. A migration that was
 * cut short runs again from its start, which does no harm: every step can be repeated.
 *
 * @throws {ConfigError} If the data was written by a newer version, or a migration that has run was changed since.
 * @returns The ids of the migrations that ran.
 */
export async function migrate(
  database: Database,
  options: MigrateOptions,
): Promise<readonly number[]> {
  const target = options.target ?? EMBEDDED;
  const all = options.migrations ?? migrations;
  for (const statement of renderStep({ kind: 'create-table', table: schemaMigration }, target)) {
    await database.command(statement);
  }
  const applied = await database.query(appliedMigrations(), { tag: 'schema' });
  demandKnown(applied, all);
  const ran: number[] = [];
  for (const migration of all) {
    if (applied.some(({ id }) => id === migration.id)) continue;
    for (const statement of renderSchema(migration.steps, target)) {
      await database.command(statement);
    }
    await database.command(recordStatement(migration, options.clock));
    ran.push(migration.id);
  }
  await applyRetention(database, options.retention, target);
  return ran;
}

interface Applied {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

const AppliedRow = rowParser((row): Applied => ({
  id: numberField(row, 'id'),
  name: textField(row, 'name'),
  checksum: textField(row, 'checksum'),
}));

function appliedMigrations() {
  return returning(
    AppliedRow,
    sql`
      SELECT id, name, checksum
      FROM schema_migration FINAL
      ORDER BY id`,
  );
}

function recordStatement(migration: Migration, clock: Clock): string {
  return bindParams(
    sql`
      INSERT INTO schema_migration (id, name, checksum, applied)
      SELECT ${p.uint32(migration.id)}, ${p.string(migration.name)}, ${p.string(checksum(migration))}, ${p.millis(clock.now())}
    `.render(),
  );
}

function demandKnown(applied: readonly Applied[], all: readonly Migration[]): void {
  for (const { id, name, checksum: stored } of applied) {
    const migration = all.find((one) => one.id === id);
    if (migration === undefined) {
      throw new ConfigError(
        `Cannot use this data: it has seen schema change ${id} (${name}), which this version does not know; ` +
          'run the version that wrote it, or a newer one',
      );
    }
    if (checksum(migration) !== stored) {
      throw new ConfigError(
        `Cannot use this data: schema change ${id} (${name}) ran here as ${stored} and now reads ${checksum(migration)}; ` +
          'a change that has run must not be edited',
      );
    }
  }
}

/** Changes the time to live where it differs. Old parts keep the time they were written with; new ones follow the new one. */
async function applyRetention(
  database: Database,
  retention: Retention,
  target: DdlTarget,
): Promise<void> {
  for (const [table, ttl] of timesToLive(retention)) {
    const rows = await database.query(definitionOf(table), { tag: 'schema' });
    if (rows.length === 0 || rows.some(({ definition }) => definition.includes(`TTL ${ttl} `))) {
      continue;
    }
    for (const statement of renderStep({ kind: 'set-ttl', table: table.name, ttl }, target)) {
      await database.command(statement);
    }
  }
}

const DefinitionRow = rowParser((row) => ({ definition: textField(row, 'definition') }));

function definitionOf(table: TableName) {
  return returning(
    DefinitionRow,
    sql`
      SELECT create_table_query AS definition
      FROM system.tables
      WHERE database = currentDatabase() AND name IN (${p.string(table.name)}, ${p.string(`${table.name}_local`)})
        AND engine LIKE '%MergeTree'`,
  );
}
