/**
 * Tables as data. The same table is rendered for one embedded engine and for a cluster (`render-ddl.ts`), so what differs
 * between the two (engine names, suffixes, deduplication) is not written here.
 */

/** A column. Types, codecs and expressions are SQL text of this code base, never input. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** Without the word CODEC and its parentheses: `Delta(8), ZSTD(1)`. */
  readonly codec?: string;
  readonly default?: string;
  /** Computed on insert and left out of `SELECT *`. Excludes `default`. */
  readonly materialized?: string;
}

/** A data-skipping or text index. */
export interface Index {
  readonly name: string;
  readonly expression: string;
  /** `minmax`, `bloom_filter(0.01)`, `text(tokenizer = 'array')` and so on. */
  readonly type: string;
  readonly granularity?: number;
}

/** A table's engine, without what replication adds to it. */
export interface Engine {
  readonly family: 'MergeTree' | 'AggregatingMergeTree' | 'ReplacingMergeTree' | 'SummingMergeTree';
  /** ReplacingMergeTree: the column whose highest value wins. */
  readonly version?: string;
}

/** A table. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly indexes?: readonly Index[];
  readonly engine: Engine;
  readonly partitionBy?: string;
  /** The sort key without outer parentheses: `service, name, ts`. */
  readonly orderBy: string;
  readonly ttl?: string;
  readonly settings?: Readonly<Record<string, string | number>>;
  /**
   * How many recent inserts an embedded table remembers to drop repeated ones. Replicated tables have a window of their
   * own, so on a cluster this is left out.
   */
  readonly deduplicationWindow?: number;
  /**
   * On a cluster: the expression that chooses a row's shard. Rows that are joined must agree on it. Left out, the table
   * stays local to each shard's writer and rows are spread evenly.
   */
  readonly shardBy?: string;
}

/** A materialised view: reads what is inserted into `from`, writes to `to`. */
export interface View {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The statement, given the name of the table to read from: views attach to local tables on a cluster. */
  readonly select: (from: string) => string;
}

/** A change of the schema. Every step can be repeated without harm. */
export type SchemaStep =
  | { readonly kind: 'create-table'; readonly table: Table }
  | { readonly kind: 'create-view'; readonly view: View }
  | { readonly kind: 'drop-view'; readonly name: string }
  | { readonly kind: 'drop-table'; readonly name: string }
  | {
      readonly kind: 'add-column';
      readonly table: string;
      readonly column: Column;
      readonly after?: string;
    }
  | { readonly kind: 'add-index'; readonly table: string; readonly index: Index }
  | { readonly kind: 'set-ttl'; readonly table: string; readonly ttl: string };
