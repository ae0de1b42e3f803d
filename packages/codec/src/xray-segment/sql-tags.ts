import { obfuscateSql } from './obfuscate-sql.ts';
import { scrubConnection } from './scrub-url.ts';
import type { SegmentTags } from './segment-tags.ts';
import { textAt, type XRayObject } from './xray-json.ts';

/** What a segment's `sql` says, fit to be shown. '' for what it does not say. */
export interface SqlFacts {
  /** `postgresql`, `mysql`, … */
  readonly system: string;
  /** The operation: `postgres.query`. */
  readonly operation: string;
  readonly statement: string;
  readonly database: string;
  readonly host: string;
  readonly port: string;
}

/** Names that one database goes by. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['postgres', 'postgresql'],
  ['pgsql', 'postgresql'],
  ['microsoft sql server', 'mssql'],
  ['sqlserver', 'mssql'],
]);

/** Operations under the names that tracers give them. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['postgresql', 'postgres.query'],
  ['', 'sql.query'],
]);

const CONNECTION =
  /^(?:jdbc:)?([a-z][a-z0-9+.]*):(?:\/\/)?(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?;@]*)(?::([^/?;]*))?(?:\/([^?;]*))?/i;

/** `name` is the subsegment's, which for databases is `database@host`. */
export function sqlFacts(sql: XRayObject, name: string): SqlFacts {
  const parts = CONNECTION.exec(textAt(sql, 'url'));
  const stated = (textAt(sql, 'database_type') || (parts?.[1] ?? '')).toLowerCase();
  const system = SYSTEMS.get(stated) ?? stated.replace(/[^a-z0-9]+/g, '_');
  const [namedDatabase = '', namedHost = ''] = name.includes('@') ? name.split('@', 2) : [];
  const port = parts?.[3] ?? '';
  const query = textAt(sql, 'sanitized_query');
  return {
    system,
    operation: OPERATIONS.get(system) ?? `${system}.query`,
    statement: query === '' ? '' : obfuscateSql(query, system),
    database: (parts?.[4] ?? '') || namedDatabase,
    host: (parts?.[2] ?? '') || namedHost,
    // Python writes `unknown`.
    port: /^\d{1,5}$/.test(port) ? port : '',
  };
}

const WRITTEN: ReadonlySet<string> = new Set([
  'url',
  'connection_string',
  'sanitized_query',
  'user',
]);

export function writeSql(sql: XRayObject, facts: SqlFacts, tags: SegmentTags): void {
  const { url, connection_string, user } = sql;
  tags.text('db.system', facts.system);
  tags.text('db.name', facts.database);
  tags.text('db.statement', facts.statement);
  tags.value('db.user', user);
  tags.text('out.host', facts.host);
  tags.numeric('network.destination.port', facts.port === '' ? undefined : facts.port);
  if (typeof url === 'string') tags.text('xray.sql.url', scrubConnection(url));
  if (typeof connection_string === 'string')
    tags.text('xray.sql.connection_string', scrubConnection(connection_string));
  for (const key in sql) if (!WRITTEN.has(key)) tags.value(`xray.sql.${key}`, sql[key]);
}
