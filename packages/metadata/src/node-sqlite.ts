import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { ConfigError, errorMessage } from '@spanloom/base';
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

/** Statements kept prepared. Ours are few; lists of ids vary in length, which is why there is a bound at all. */
const PREPARED = 200;
/** How long another process may hold the file before we give up. */
const BUSY_MS = 5000;

/**
 * Kysely's dialect over Node's own SQLite: no native module to build. Everything that is SQLite and not SQL is in this file.
 *
 * `synchronous=FULL` because a committed checkpoint stands for traces that are never listed again: losing the last commits to a
 * power cut would be harmless, losing only some of them would not.
 *
 * @throws {ConfigError} If the file cannot be opened.
 */
export function sqliteDialect(path: string): Dialect {
  return new SqliteDialect({ database: openDatabase(path) });
}

function openDatabase(path: string): SqliteDatabase {
  try {
    const database = new DatabaseSync(path, {
      timeout: BUSY_MS,
      enableForeignKeyConstraints: true,
    });
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA temp_store = MEMORY');
    return new PreparedDatabase(database);
  } catch (error) {
    throw new ConfigError(
      `Cannot open the metadata database ${path}: ${errorMessage(error)}; check that the folder exists and can be written`,
      { cause: error },
    );
  }
}

/** What Kysely asks of a driver, from what `node:sqlite` has; preparing takes longer than most of our statements run. */
class PreparedDatabase implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, SqliteStatement>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) {
      // Last in the map's order, so that the first is the one that was used longest ago.
      this.#prepared.delete(sql);
      this.#prepared.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    const adapted: SqliteStatement = {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...values(parameters)),
      run: (parameters) => statement.run(...values(parameters)),
      iterate: (parameters) => statement.iterate(...values(parameters)),
    };
    this.#prepared.set(sql, adapted);
    if (this.#prepared.size > PREPARED) {
      const oldest = this.#prepared.keys().next().value;
      if (oldest !== undefined) this.#prepared.delete(oldest);
    }
    return adapted;
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }
}

/** The tables are typed, and their types hold only numbers, text and null. */
function values(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters as SQLInputValue[];
}
