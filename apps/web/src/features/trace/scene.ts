import type { SpanJson, TraceResponse } from '@spanloom/contract';
import {
  buildTraceModel,
  type CriticalPath,
  criticalPath,
  displayRoot,
  type ExecTime,
  execTime,
  findRepeats,
  Flag,
  type FlameRows,
  type Grouping,
  groupRows,
  packRows,
  type Repeats,
  selfTime,
  type TraceModel,
  type TraceModelOptions,
} from '@spanloom/flame';
import { sourcesOf, sourceWords } from './span-source.ts';
import type { ColourBy } from './url.ts';

/** A trace with everything that is measured once: layout, times, critical path. */
export interface Scene {
  readonly trace: TraceResponse;
  readonly model: TraceModel;
  readonly rows: FlameRows;
  readonly exec: ExecTime;
  readonly self: Float64Array;
  readonly critical: CriticalPath;
  /** The row the trace is named after, -1 when it has no spans. */
  readonly root: number;
  /** The span of a row; undefined for a placeholder. */
  readonly span: (row: number) => SpanJson | undefined;
  /** A span of the trace by its id, hidden ones included; of several that share it one that is not hidden. */
  readonly spanById: (id: string) => SpanJson | undefined;
  /** The row that shows an id: the span's own, that of the span it was folded into, or a missing parent's. */
  readonly rowOf: (id: string) => number | undefined;
  /** The id of a row's span, or of the parent it stands for. */
  readonly idOf: (row: number) => string;
  /** Short name of a row. */
  readonly label: (row: number) => string;
  readonly errorRows: readonly number[];
  readonly repeats: Repeats;
}

export function buildScene(trace: TraceResponse, options: TraceModelOptions = {}): Scene {
  const model = buildTraceModel(trace.spans, options);
  const spanById = spanIndex(trace.spans);
  const span = (row: number): SpanJson | undefined => trace.spans[model.input[row]!];
  const root = displayRoot(model);
  const errorRows: number[] = [];
  for (let row = 0; row < model.count; row++)
    if ((model.flags[row]! & Flag.error) !== 0) errorRows.push(row);
  return {
    trace,
    model,
    rows: packRows(model),
    exec: execTime(model),
    self: selfTime(model),
    critical: criticalPath(model, Math.max(0, root)),
    root,
    span,
    spanById,
    rowOf: (id) => rowOf(model, spanById, id),
    idOf: (row) => span(row)?.span_id ?? model.missingIds.get(row) ?? '',
    label: (row) => {
      const found = span(row);
      if (found === undefined) return `unknown parent ${model.missingIds.get(row) ?? ''}`;
      return isPhase(found) ? found.name : found.resource || found.name;
    },
    errorRows,
    repeats: findRepeats(model, (row) => {
      const found = span(row)!;
      return `${found.service}\n${found.name}\n${found.resource}`;
    }),
  };
}

/** A phase that X-Ray tells of within a function is known by its name: its resource is the function again. */
function isPhase({ source, type, name }: SpanJson): boolean {
  return source === 'xray' && type === 'serverless' && !name.includes('.');
}

/** Built when something first asks. */
function spanIndex(spans: readonly SpanJson[]): (id: string) => SpanJson | undefined {
  let index: Map<string, SpanJson> | undefined;
  return (id) => {
    if (index === undefined) {
      index = new Map();
      for (const span of spans)
        if (!span.hidden || !index.has(span.span_id)) index.set(span.span_id, span);
    }
    return index.get(id);
  };
}

function rowOf(
  model: TraceModel,
  spanById: (id: string) => SpanJson | undefined,
  id: string,
): number | undefined {
  const seen = new Set<string>();
  for (let at: string | null = id; at !== null && !seen.has(at);) {
    const row = model.rowById.get(at);
    if (row !== undefined) return row;
    seen.add(at);
    at = spanById(at)?.hidden_by ?? null;
  }
  for (const [row, missing] of model.missingIds) if (missing === id) return row;
  return undefined;
}

/** Rows by what they are coloured by. */
export function groupingOf(scene: Scene, by: ColourBy): Grouping {
  return groupRows(scene.model, scene.exec.exec, (row) => {
    const span = scene.span(row);
    return span === undefined ? 'not received' : keyOf(scene, span, by);
  });
}

function keyOf(scene: Scene, span: SpanJson, by: ColourBy): string {
  switch (by) {
    case 'service':
      return span.service || 'no service';
    case 'resource':
      return span.resource || span.name;
    case 'operation':
      return span.name;
    case 'type':
      return span.type || 'no type';
    case 'kind':
      return span.kind;
    case 'source':
      return sourceWords(sourcesOf(span, scene.spanById));
    case 'status':
      return span.error === 1 ? 'error' : 'ok';
    case 'host':
      return (
        span.meta['_dd.hostname'] ??
        span.meta['host.name'] ??
        span.meta['functionname'] ??
        'no host'
      );
  }
}

/** HTTP status of a span, where it has one. */
export function httpStatus(span: SpanJson): string | undefined {
  const status =
    span.meta['http.status_code'] ??
    span.meta['http.response.status_code'] ??
    span.metrics['http.status_code'] ??
    span.metrics['http.response.status_code'];
  return status === undefined ? undefined : String(status);
}
