import type { Column, Engine, Index, SchemaStep, Table, View } from './schema.ts';

/** Where the schema is to live. */
export type DdlTarget =
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'cluster';
      /** The cluster's name in the servers' configuration. */
      readonly cluster: string;
      readonly database: string;
    };

/** One engine in the process. */
export const EMBEDDED: DdlTarget = { kind: 'embedded' };

/**
 * The statements of a schema change.
 *
 * On a cluster each table is two: `spans_local`, replicated and holding data, and `spans`, distributed over it, so that
 * queries use one name everywhere. Views read and write local tables: an insert is then counted on the shard it went to.
 * The order is local tables, distributed tables, views.
 */
export function renderSchema(steps: readonly SchemaStep[], target: DdlTarget): readonly string[] {
  const statements = steps.flatMap((step) => renderStep(step, target));
  return target.kind === 'embedded'
    ? statements
    : statements.toSorted((left, right) => rank(left) - rank(right));
}

/** Where a statement belongs among those of a cluster. */
function rank(statement: string): number {
  if (statement.startsWith('CREATE MATERIALIZED VIEW')) return 2;
  return statement.includes('ENGINE = Distributed') ? 1 : 0;
}

/** The statements of one step. */
export function renderStep(step: SchemaStep, target: DdlTarget): readonly string[] {
  switch (step.kind) {
    case 'create-table':
      return target.kind === 'embedded'
        ? [createTable(step.table, target)]
        : [createTable(step.table, target), createDistributed(step.table, target)];
    case 'create-view':
      return [createView(step.view, target)];
    case 'drop-view':
      return [
        `DROP VIEW IF EXISTS ${quote(step.name)}${onCluster(target)}${synchronously(target)}`,
      ];
    case 'drop-table':
      return tableNames(step.name, target)
        .toReversed()
        .map(
          (name) =>
            `DROP TABLE IF EXISTS ${quote(name)}${onCluster(target)}${synchronously(target)}`,
        );
    case 'add-column': {
      const place = step.after === undefined ? '' : ` AFTER ${quote(step.after)}`;
      return tableNames(step.table, target).map((name, index) => {
        // A distributed table has no storage, so codecs are refused there.
        const column = index === 0 ? step.column : { ...step.column, codec: undefined };
        return `ALTER TABLE ${quote(name)}${onCluster(target)} ADD COLUMN IF NOT EXISTS ${columnText(column)}${place}`;
      });
    }
    case 'add-index':
      // Not materialised for old parts: they age out, and rewriting them would cost more than it brings.
      return [
        `ALTER TABLE ${quote(localName(step.table, target))}${onCluster(target)} ADD ${indexText(step.index, ' IF NOT EXISTS')}`,
      ];
    case 'set-ttl':
      return [
        `ALTER TABLE ${quote(localName(step.table, target))}${onCluster(target)} MODIFY TTL ${step.ttl} SETTINGS materialize_ttl_after_modify = 0`,
      ];
  }
}

/** The name of the table that holds the data. */
export function localName(table: string, target: DdlTarget): string {
  return target.kind === 'embedded' ? table : `${table}_local`;
}

function tableNames(table: string, target: DdlTarget): readonly string[] {
  return target.kind === 'embedded' ? [table] : [localName(table, target), table];
}

function createTable(table: Table, target: DdlTarget): string {
  const members = [
    ...table.columns.map(columnText),
    ...(table.indexes ?? []).map((index) => indexText(index, '')),
  ];
  const lines = [
    `CREATE TABLE IF NOT EXISTS ${quote(localName(table.name, target))}${onCluster(target)} (`,
    members.map((member) => `  ${member}`).join(',\n'),
    `) ENGINE = ${engineText(table, target)}`,
  ];
  if (table.partitionBy !== undefined) lines.push(`PARTITION BY ${table.partitionBy}`);
  lines.push(`ORDER BY (${table.orderBy})`);
  if (table.ttl !== undefined) lines.push(`TTL ${table.ttl}`);
  const settings = settingsOf(table, target);
  if (settings !== '') lines.push(`SETTINGS ${settings}`);
  return lines.join('\n');
}

function createDistributed(table: Table, target: Extract<DdlTarget, { kind: 'cluster' }>): string {
  const local = localName(table.name, target);
  const args = [
    quote(target.cluster),
    quote(target.database),
    quote(local),
    table.shardBy ?? 'rand()',
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${quote(table.name)}${onCluster(target)} AS ${quote(local)}`,
    `ENGINE = Distributed(${args.join(', ')})`,
  ].join('\n');
}

function createView(view: View, target: DdlTarget): string {
  const to = localName(view.to, target);
  return [
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${quote(view.name)}${onCluster(target)} TO ${quote(to)} AS`,
    view.select(quote(localName(view.from, target))),
  ].join('\n');
}

function columnText(
  column: Omit<Column, 'codec'> & { readonly codec?: string | undefined },
): string {
  let text = `${quote(column.name)} ${column.type}`;
  if (column.materialized !== undefined) text += ` MATERIALIZED ${column.materialized}`;
  else if (column.default !== undefined) text += ` DEFAULT ${column.default}`;
  if (column.codec !== undefined) text += ` CODEC(${column.codec})`;
  return text;
}

function indexText(index: Index, condition: string): string {
  const granularity = index.granularity === undefined ? '' : ` GRANULARITY ${index.granularity}`;
  return `INDEX${condition} ${quote(index.name)} ${index.expression} TYPE ${index.type}${granularity}`;
}

function engineText(table: Table, target: DdlTarget): string {
  const { family, version }: Engine = table.engine;
  if (target.kind === 'embedded') return version === undefined ? family : `${family}(${version})`;
  // The servers fill in {shard} and {replica} from their own configuration.
  const args = [`'/clickhouse/tables/{shard}/spanloom/${table.name}'`, `'{replica}'`];
  if (version !== undefined) args.push(version);
  return `Replicated${family}(${args.join(', ')})`;
}

function settingsOf(table: Table, target: DdlTarget): string {
  const settings = Object.entries(table.settings ?? {}).map(
    ([name, value]) => `${name} = ${typeof value === 'string' ? `'${value}'` : value}`,
  );
  if (target.kind === 'embedded' && table.deduplicationWindow !== undefined) {
    settings.push(`non_replicated_deduplication_window = ${table.deduplicationWindow}`);
  }
  return settings.join(', ');
}

function onCluster(target: DdlTarget): string {
  return target.kind === 'embedded' ? '' : ` ON CLUSTER ${quote(target.cluster)}`;
}

/** A replicated table's path stays taken until the drop is complete, which would fail a re-creation. */
function synchronously(target: DdlTarget): string {
  return target.kind === 'embedded' ? '' : ' SYNC';
}

/** Names are ours or the operator's; quoted when they are not plain, so that `my-cluster` works. */
function quote(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll(/[`\\]/g, '\\$&')}\``;
}
