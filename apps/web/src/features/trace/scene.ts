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
} from '@spanloom/flame';
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
  /** Short name of a row. */
  readonly label: (row: number) => string;
  readonly errorRows: readonly number[];
  readonly repeats: Repeats;
}

export function buildScene(trace: TraceResponse, includeHidden: boolean): Scene {
  const model = buildTraceModel(trace.spans, { includeHidden });
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
    label: (row) => {
      const found = span(row);
      if (found === undefined) return `unknown parent ${model.missingIds.get(row) ?? ''}`;
      return found.resource || found.name;
    },
    errorRows,
    repeats: findRepeats(model, (row) => {
      const found = span(row)!;
      return `${found.service}\n${found.name}\n${found.resource}`;
    }),
  };
}

/** Rows by what they are coloured by. */
export function groupingOf(scene: Scene, by: ColourBy): Grouping {
  return groupRows(scene.model, scene.exec.exec, (row) => {
    const span = scene.span(row);
    return span === undefined ? 'not received' : keyOf(span, by);
  });
}

function keyOf(span: SpanJson, by: ColourBy): string {
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
      return sourceName(span.source);
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

const SOURCES: Readonly<Record<string, string>> = {
  datadog: 'APM',
  otlp: 'OpenTelemetry',
  xray: 'X-Ray',
  inferred: 'inferred',
  other: 'other',
};

export function sourceName(source: string): string {
  return SOURCES[source] ?? source;
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
