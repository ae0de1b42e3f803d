import { createHash } from 'node:crypto';
import { EMBEDDED, renderSchema, type SchemaStep } from '@spanloom/sql';

/** One numbered change of the schema. Once released it is never edited: a further change is a further migration. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly steps: readonly SchemaStep[];
}

/** Of what a migration says, whatever it is rendered for. */
export function checksum(migration: Migration): string {
  return createHash('sha256')
    .update(renderSchema(migration.steps, EMBEDDED).join(';\n'))
    .digest('hex')
    .slice(0, 16);
}
