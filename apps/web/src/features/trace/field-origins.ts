import type { RawSpanJson, SpanJson } from '@spanloom/contract';
import { sourceName } from './span-source.ts';

/** One stored row behind a span of the trace. */
export interface SpanInput {
  readonly row: RawSpanJson;
  /** `APM`, `X-Ray` */
  readonly label: string;
  /** Where it is stored; the same row may be in both tiers. */
  readonly tiers: readonly RawSpanJson['tier'][];
  /** From the end of the span to its receipt, ms; negative when it arrived before it ended. */
  readonly delayMs: number;
}

/** A field of a span and which of its inputs say it. */
export interface FieldOrigin {
  readonly field: string;
  /** As the trace shows it; undefined where an input's value was not taken over. */
  readonly shown: string | undefined;
  /** By input, in their order. */
  readonly values: readonly (string | undefined)[];
  /** Inputs that say what is shown; none when it was made while assembling. */
  readonly from: readonly number[];
}

/** The stored rows of a span and of those folded into it: its own first, replaced versions last. */
export function inputsOf(span: SpanJson, rows: readonly RawSpanJson[]): readonly SpanInput[] {
  const ids = [span.span_id, ...span.folded];
  const found = new Map<string, SpanInput>();
  for (const row of rows) {
    if (!ids.includes(row.span_id)) continue;
    // A kept span is stored in the live tier too: the same batch says that it is the same row.
    const key = `${row.source} ${row.span_id} ${row.batch} ${row.start_ns} ${row.trace_id}`;
    const twin = found.get(key);
    const endMs = Number(row.start_ns) / 1e6 + row.duration_ns / 1e6;
    found.set(key, {
      row,
      label: sourceName(row.source),
      tiers: twin === undefined ? [row.tier] : [...twin.tiers, row.tier],
      delayMs: Math.round(Date.parse(row.received_at) - endMs),
    });
  }
  return [...found.values()].toSorted(
    (a, b) =>
      Number(a.row.superseded) - Number(b.row.superseded) ||
      ids.indexOf(a.row.span_id) - ids.indexOf(b.row.span_id) ||
      a.row.received_at.localeCompare(b.row.received_at),
  );
}

/** Field by field, what is shown and what each input says. Times are given from the start of the trace. */
export function fieldOrigins(
  span: SpanJson,
  inputs: readonly SpanInput[],
  traceStartNs: string,
): readonly FieldOrigin[] {
  const shown = fieldsOf(span, traceStartNs);
  const said = inputs.map(({ row }) => fieldsOf(row, traceStartNs));
  const names = new Set(shown.keys());
  for (const fields of said) for (const name of fields.keys()) names.add(name);
  return [...names].map((field) => {
    const value = shown.get(field);
    const values = said.map((fields) => fields.get(field));
    return {
      field,
      shown: value,
      values,
      from: values.flatMap((one, i) => (one !== undefined && one === value ? [i] : [])),
    };
  });
}

/** Whether the inputs, or what is shown, disagree. */
export function differs({ shown, values }: FieldOrigin): boolean {
  return values.some((value) => value !== shown);
}

type Facts = Omit<
  RawSpanJson,
  'trace_id' | 'received_at' | 'batch' | 'tier' | 'superseded' | 'typed'
>;

function fieldsOf(
  span: SpanJson | Facts,
  traceStartNs: string,
): ReadonlyMap<string, string | undefined> {
  const start = Number(BigInt(span.start_ns) - BigInt(traceStartNs));
  const fields = new Map<string, string>([
    ['service', span.service],
    ['name', span.name],
    ['resource', span.resource],
    ['type', span.type],
    ['kind', span.kind],
    ['env', span.env],
    ['version', span.version],
    ['start', offset(start)],
    ['end', offset(start + span.duration_ns)],
    ['error', span.error === 1 ? 'yes' : 'no'],
    ['parent', span.parent_id ?? 'none'],
  ]);
  for (const [name, value] of fields) if (value === '') fields.delete(name);
  const tags = new Map<string, string>(Object.entries(span.meta));
  for (const [key, value] of Object.entries(span.metrics)) tags.set(key, String(value));
  for (const key of [...tags.keys()].toSorted()) fields.set(key, tags.get(key)!);
  return fields;
}

/** To the microsecond: halves that differ by a few of them should not read alike. */
function offset(ns: number): string {
  return `${ns < 0 ? '−' : '+'}${(Math.abs(ns) / 1e6).toFixed(3)}\u00a0ms`;
}
