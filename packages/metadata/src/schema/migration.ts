import { createHash } from 'node:crypto';

/** One numbered change of the schema. Once released it is never edited: a further change is a further migration. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** In the SQL that SQLite and PostgreSQL share. */
  readonly statements: readonly string[];
}

/** Of what a migration says, however it is indented. */
export function checksum(migration: Migration): string {
  const text = migration.statements.map((one) => one.replaceAll(/\s+/g, ' ').trim()).join(';\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
