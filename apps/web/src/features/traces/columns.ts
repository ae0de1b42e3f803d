import { parseFacet } from '@spanloom/query';

/** Columns of the span list that every span has something for. */
const fixedColumns = [
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
] as const satisfies readonly Column[];

/** One column: of a field that every span has, or of an attribute (`@http.route`). */
export interface Column {
  readonly id: string;
  readonly title: string;
  /** As a grid track. */
  readonly width: string;
  readonly numeric?: boolean;
}

export type FixedColumnId = (typeof fixedColumns)[number]['id'];
export type ColumnId = FixedColumnId | `@${string}`;

/** The columns to choose from, attributes aside. */
export const columns: readonly (Column & { readonly id: FixedColumnId })[] = fixedColumns;

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

const ids = new Set<string>(fixedColumns.map(({ id }) => id));
/** More than these are not a table any more. */
const MOST = 40;

/** The columns of the URL; a name that is none is left out. */
export function readColumns(text: string | undefined): readonly ColumnId[] {
  const chosen = (text ?? '').split(',').filter(isColumnId);
  return chosen.length === 0 ? defaultColumns : [...new Set(chosen)].slice(0, MOST);
}

function isColumnId(text: string): text is ColumnId {
  return ids.has(text) || (text.startsWith('@') && parseFacet(text) !== undefined);
}

/** The columns as the URL spells them; nothing for those one starts with. */
export function columnsParam(chosen: readonly ColumnId[]): string | undefined {
  return chosen.join(',') === defaultColumns.join(',') ? undefined : chosen.join(',');
}

/** The attribute a column shows. */
export function attributeOf(id: string): string | undefined {
  return id.startsWith('@') ? id.slice(1) : undefined;
}

/** The chosen columns: fields in their fixed order, then attributes as they were added. */
export function columnsOf(
  chosen: readonly ColumnId[],
): readonly (Column & { readonly id: ColumnId })[] {
  const attributes = chosen.flatMap((id) => {
    const key = attributeOf(id);
    return key === undefined ? [] : [{ id, title: key, width: '150px' }];
  });
  return [...columns.filter(({ id }) => chosen.includes(id)), ...attributes];
}

/** Narrower than this a column shows nothing. */
const NARROWEST_PX = 40;
const WIDEST_PX = 1200;

export function clampWidth(px: number): number {
  return Math.round(Math.min(WIDEST_PX, Math.max(NARROWEST_PX, px)));
}

/** The grid of a row, and the least it needs, px. */
export function rowGrid(
  shown: readonly Column[],
  widths: Readonly<Record<string, number>>,
): { readonly template: string; readonly minPx: number } {
  const tracks = shown.map(({ id, width }) => {
    const chosen = widths[id];
    return chosen === undefined ? width : `${clampWidth(chosen)}px`;
  });
  const minPx = tracks.reduce((sum, track) => sum + Number(/\d+/.exec(track)?.[0] ?? 0), 0);
  return { template: tracks.join(' '), minPx };
}
