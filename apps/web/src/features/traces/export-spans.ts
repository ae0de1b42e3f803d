import type { SpanEvent, SpansSearchResponse } from '@spanloom/contract';
import { type Cell, csvCell } from '../../ui/csv.ts';
import { attributeOf, type ColumnId } from './columns.ts';

/** More rows than these are no longer read by people; programs page through the API. */
export const MOST_ROWS = 100_000;
const PAGE = 1_000;

export type ExportKind = 'csv' | 'json';

export interface ExportProgress {
  readonly rows: number;
  /** How many there are, at most `MOST_ROWS`; undefined until known. */
  readonly total: number | undefined;
}

interface Source {
  /** One page of spans, newest first. */
  readonly page: (cursor: string | undefined, limit: number) => Promise<SpansSearchResponse>;
  readonly onRows: (rows: number) => void;
}

/** All matching spans as the text of a file, page by page. `truncated` when there were more than fit. */
export async function exportSpans(
  kind: ExportKind,
  columns: readonly ColumnId[],
  { page, onRows }: Source,
): Promise<{
  readonly parts: readonly string[];
  readonly rows: number;
  readonly truncated: boolean;
}> {
  const parts: string[] = kind === 'csv' ? [csvLine(exportNames(columns))] : ['[\n'];
  let cursor: string | undefined;
  let rows = 0;
  do {
    // Each page's cursor comes with the page before.
    // oxlint-disable-next-line no-await-in-loop
    const { data, meta } = await page(cursor, Math.min(PAGE, MOST_ROWS - rows));
    parts.push(
      kind === 'csv'
        ? data.map((span) => csvLine(exportCells(columns, span))).join('')
        : data
            .map((span, i) => `${rows + i === 0 ? '' : ',\n'}${JSON.stringify(span.attributes)}`)
            .join(''),
    );
    rows += data.length;
    onRows(rows);
    cursor = data.length === 0 ? undefined : meta.page.after;
  } while (cursor !== undefined && rows < MOST_ROWS);
  if (kind === 'json') parts.push('\n]\n');
  return { parts, rows, truncated: cursor !== undefined };
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Ids go along whatever is shown: a row must lead back to its span. */
function exportNames(columns: readonly ColumnId[]): readonly string[] {
  return [
    ...columns.flatMap((id) => (id === 'trace' ? [] : (NAMES[id] ?? [attributeOf(id) ?? id]))),
    'trace_id',
    'span_id',
  ];
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  time: ['start'],
  duration: ['duration_ns'],
  function: ['function', 'version'],
  http: ['http_method', 'http_status'],
};

function exportCells(columns: readonly ColumnId[], { attributes: span }: SpanEvent): Cell[] {
  return [...columns.flatMap((id) => cellsOf(id, span)), span.trace_id, span.span_id];
}

function cellsOf(id: ColumnId, span: SpanEvent['attributes']): readonly Cell[] {
  const { custom } = span;
  switch (id) {
    case 'time':
      return [span.start_timestamp];
    case 'status':
      return [custom.status];
    case 'service':
      return [span.service];
    case 'resource':
      return [span.resource_name];
    case 'duration':
      return [custom.duration];
    case 'operation':
      return [custom.operation_name];
    case 'function':
      return [custom.function, custom.version];
    case 'source':
      return [custom.source];
    case 'env':
      return [span.env];
    case 'type':
      return [span.type];
    case 'kind':
      return [custom.kind];
    case 'http':
      return [custom.http_method, custom.http_status];
    case 'host':
      return [span.host];
    case 'trace':
      return [];
    default:
      return [span.attributes[id.slice(1)]];
  }
}
