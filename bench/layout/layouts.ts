// The layouts that are compared: the table of kept spans with other sort keys, codecs and ways to write ids.
import type { Column, Table } from '@spanloom/sql';
import { attributeIndexes, numberIndex, spanColumns, spanTables } from '@spanloom/sql';

export interface Layout {
  readonly name: string;
  readonly what: string;
  readonly table: Table;
  /** What to select from the source table for each column that is not simply copied. */
  readonly computed?: Readonly<Record<string, string>>;
}

const base: Omit<Table, 'name' | 'orderBy'> = {
  columns: spanColumns,
  indexes: [
    { name: 'ix_jk', expression: 'jk', type: 'bloom_filter(0.001)', granularity: 1 },
    { name: 'ix_ts', expression: 'ts', type: 'minmax', granularity: 1 },
    { name: 'ix_dur', expression: 'dur', type: 'minmax', granularity: 1 },
    attributeIndexes[spanTables.kept.itemIndex],
    numberIndex,
  ],
  engine: { family: 'MergeTree' },
  partitionBy: 'toDate(ts)',
  settings: {
    index_granularity: 2048,
    map_serialization_version: 'with_buckets',
    map_buckets_strategy: 'constant',
    max_buckets_in_map: 8,
    map_buckets_min_avg_size: 0,
  },
};

const traceOrder = 'toStartOfMinute(ts), jk, ts';

/** The map as one piece: reading a trace whole touches one stream instead of eight. */
const plainMaps = { index_granularity: 2048 };

function withCodecs(
  columns: readonly Column[],
  codecs: Readonly<Record<string, string>>,
): Column[] {
  return columns.map((column) => {
    const codec = codecs[column.name];
    return codec === undefined ? column : { ...column, codec };
  });
}

export const LAYOUTS: readonly Layout[] = [
  {
    name: 'service',
    what: '(10-minute, service, name, ts), maps in 8 buckets: the table as it is',
    table: {
      ...base,
      name: 'l_service',
      orderBy: 'toStartOfInterval(ts, INTERVAL 10 MINUTE), service, name, ts',
    },
  },
  {
    name: 'trace',
    what: '(minute, trace, ts), maps in 8 buckets',
    table: { ...base, name: 'l_trace', orderBy: traceOrder },
  },
  {
    name: 'trace-plain',
    what: '(minute, trace, ts), maps in one piece',
    table: { ...base, name: 'l_trace_plain', orderBy: traceOrder, settings: plainMaps },
  },
  {
    name: 'trace-relative',
    what: '(minute, trace, ts), maps in one piece, ts as delta of delta, parent and start relative, ZSTD(3) for maps',
    table: {
      ...base,
      name: 'l_trace_relative',
      orderBy: traceOrder,
      settings: plainMaps,
      columns: [
        ...withCodecs(spanColumns, {
          a: 'ZSTD(3)',
          n: 'ZSTD(3)',
          ing: 'DoubleDelta, ZSTD(1)',
        }),
        /** How many rows above the parent stands among the spans of its trace; 0 for one that is not above. */
        { name: 'up', type: 'UInt16', codec: 'ZSTD(1)' },
      ],
    },
    computed: {
      // The id itself is only stored where the parent is not among the trace's rows above.
      up: 'up',
      parent_id: 'if(up = 0, parent_id, 0)',
    },
  },
];
