/** Columns of the span list. */
export const columns = [
  { id: 'time', title: 'Started', width: '118px' },
  { id: 'status', title: 'Status', width: '66px' },
  { id: 'service', title: 'Service', width: 'minmax(110px, 210px)' },
  { id: 'resource', title: 'Resource', width: 'minmax(140px, 1fr)' },
  { id: 'duration', title: 'Duration', width: '80px', numeric: true },
  { id: 'operation', title: 'Operation', width: '140px' },
  { id: 'function', title: 'Function · version', width: '128px' },
  { id: 'source', title: 'Source', width: '66px' },
  { id: 'env', title: 'Environment', width: '90px' },
  { id: 'type', title: 'Type', width: '90px' },
  { id: 'kind', title: 'Kind', width: '80px' },
  { id: 'http', title: 'HTTP', width: '88px' },
  { id: 'host', title: 'Host', width: '130px' },
  { id: 'trace', title: 'Trace ID', width: '140px' },
] as const satisfies readonly { id: string; title: string; width: string; numeric?: boolean }[];

export type ColumnId = (typeof columns)[number]['id'];

export const defaultColumns: readonly ColumnId[] = [
  'time',
  'status',
  'service',
  'resource',
  'duration',
  'operation',
  'function',
  'source',
];

const ids = new Set<string>(columns.map(({ id }) => id));

export function isColumnId(text: string): text is ColumnId {
  return ids.has(text);
}

/** The chosen columns in their fixed order. */
export function columnsOf(
  chosen: readonly ColumnId[],
): readonly { id: ColumnId; title: string; width: string; numeric?: boolean }[] {
  return columns.filter(({ id }) => chosen.includes(id));
}
