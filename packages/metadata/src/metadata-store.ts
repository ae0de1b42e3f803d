import type { Clock } from '@spanloom/base';
import { Kysely } from 'kysely';
import { sqliteDialect } from './node-sqlite.ts';
import { migrate } from './schema/migrate.ts';
import type { Tables } from './tables.ts';
import { XRayBackfills } from './xray/xray-backfills.ts';
import { XRayState } from './xray/xray-state.ts';

/** Small state that must survive a restart to the last commit. Disposing closes the file. */
export class MetadataStore implements AsyncDisposable {
  /** What the X-Ray crawler has listed and fetched. */
  readonly xray: XRayState;
  readonly xrayBackfills: XRayBackfills;
  readonly #database: Kysely<Tables>;

  private constructor(database: Kysely<Tables>) {
    this.#database = database;
    this.xray = new XRayState(database);
    this.xrayBackfills = new XRayBackfills(database);
  }

  /**
   * Opens or creates the store and brings its schema up to date.
   *
   * @param path A file, or `:memory:`.
   * @throws {ConfigError} If the file cannot be opened, or a newer version wrote it.
   */
  static async open(path: string, options: { readonly clock: Clock }): Promise<MetadataStore> {
    const database = new Kysely<Tables>({ dialect: sqliteDialect(path) });
    try {
      await migrate(database, options.clock);
    } catch (error) {
      await database.destroy();
      throw error;
    }
    return new MetadataStore(database);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.destroy();
  }
}
