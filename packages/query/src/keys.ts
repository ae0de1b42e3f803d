import type { Flag, SpanKindName, SpanSourceName, TextField } from './predicate.ts';

/** Unit of a measure's stored numbers; literals with a unit are converted to it. */
export type MeasureUnit = 'ns' | 'us' | 'ms' | 's' | 'bytes' | 'percent' | 'none';

/** What a key means. */
export type Target =
  | { readonly kind: 'text'; readonly field: TextField; readonly tag: boolean }
  | { readonly kind: 'attribute'; readonly key: string; readonly tag: boolean }
  | { readonly kind: 'duration' }
  | { readonly kind: 'start' }
  | { readonly kind: 'http-status' }
  | { readonly kind: 'status' }
  | { readonly kind: 'span-kind' }
  | { readonly kind: 'source' }
  | { readonly kind: 'flag'; readonly flag: Flag }
  | { readonly kind: 'trace-id' }
  | { readonly kind: 'span-id'; readonly field: 'spanId' | 'parentId' };

/** A key that needs no `@`, for documentation and completion. */
export interface ReservedKey {
  readonly name: string;
  readonly description: string;
  /** The values it can have, where they are few. */
  readonly values?: readonly string[];
  /** Stands for the same thing under another name; left out of completion. */
  readonly aliasOf?: string;
}

interface ReservedEntry extends ReservedKey {
  readonly target: Target;
}

/** Spellings of a span's kind. */
export const KIND_VALUES: ReadonlyMap<string, readonly SpanKindName[]> = new Map(
  (['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const).map((name) => [
    name,
    [name],
  ]),
);

/** Spellings of a span's source. `inferred` is not among them: it is a mark on a span, not where it came from. */
export const SOURCE_VALUES: ReadonlyMap<string, readonly SpanSourceName[]> = new Map([
  ['apm', ['dd']],
  ['dd', ['dd']],
  ['datadog', ['dd']],
  ['otel', ['otel']],
  ['otlp', ['otel']],
  ['xray', ['xray']],
  ['other', ['other']],
]);

/** Attribute that marks a span made up for a managed service. */
export const INFERRED_MARK = '_inferred_span.tag_source';

const text = (field: TextField, tag = false): Target => ({ kind: 'text', field, tag });

const RESERVED: readonly ReservedEntry[] = [
  { name: 'service', description: 'Service that did the work', target: text('service', true) },
  { name: 'env', description: 'Environment, such as prod', target: text('env', true) },
  { name: 'version', description: 'Deployed version', target: text('version', true) },
  {
    name: 'operation_name',
    description: 'Kind of work, such as http.request',
    target: text('name'),
  },
  {
    name: 'name',
    description: 'Kind of work',
    aliasOf: 'operation_name',
    target: text('name'),
  },
  {
    name: 'resource_name',
    description: 'Endpoint, statement, job or function',
    target: text('resource'),
  },
  {
    name: 'resource',
    description: 'Endpoint, statement, job or function',
    aliasOf: 'resource_name',
    target: text('resource'),
  },
  { name: 'type', description: 'Span type, such as web, db or serverless', target: text('type') },
  {
    name: 'status',
    description: 'Whether the span failed',
    values: ['ok', 'error'],
    target: { kind: 'status' },
  },
  {
    name: 'kind',
    description: 'Role in the call',
    values: [...KIND_VALUES.keys()],
    target: { kind: 'span-kind' },
  },
  {
    name: 'span.kind',
    description: 'Role in the call',
    aliasOf: 'kind',
    values: [...KIND_VALUES.keys()],
    target: { kind: 'span-kind' },
  },
  {
    name: 'duration',
    description: 'How long the span took, such as >250ms',
    target: { kind: 'duration' },
  },
  {
    name: 'start',
    description: 'When the span started: ISO 8601 or now-5m',
    target: { kind: 'start' },
  },
  {
    name: 'timestamp',
    description: 'When the span started',
    aliasOf: 'start',
    target: { kind: 'start' },
  },
  {
    name: 'trace_id',
    description: 'Trace id in any spelling; ignores the time range',
    target: { kind: 'trace-id' },
  },
  { name: 'span_id', description: 'Span id', target: { kind: 'span-id', field: 'spanId' } },
  {
    name: 'parent_id',
    description: "The parent's span id",
    target: { kind: 'span-id', field: 'parentId' },
  },
  {
    name: 'source',
    description: 'Where the span came from',
    values: ['apm', 'otel', 'xray', 'inferred', 'other'],
    target: { kind: 'source' },
  },
  { name: 'function', description: 'Function name', target: text('function', true) },
  {
    name: 'functionname',
    description: 'Function name',
    aliasOf: 'function',
    target: text('function', true),
  },
  { name: 'region', description: 'Cloud region', target: text('region', true) },
  {
    name: 'root',
    description: 'Whether the span has no parent',
    values: ['true', 'false'],
    target: { kind: 'flag', flag: 'root' },
  },
  {
    name: 'entry',
    description: 'Whether the span is where its service is entered',
    values: ['true', 'false'],
    target: { kind: 'flag', flag: 'entry' },
  },
];

const BY_NAME: ReadonlyMap<string, ReservedEntry> = new Map(
  RESERVED.map((entry) => [entry.name, entry]),
);

/**
 * Attributes that have a field of their own, with and without `@`. Only those whose field holds the same text as the
 * attribute: an attribute that is merely similar (`http.response.status_code`) keeps its own values.
 */
const PROMOTED: ReadonlyMap<string, Target> = new Map<string, Target>([
  ['service', text('service')],
  ['env', text('env')],
  ['version', text('version')],
  ['functionname', text('function')],
  ['region', text('region')],
  ['duration', { kind: 'duration' }],
  ['span.kind', { kind: 'span-kind' }],
  ['http.method', text('httpMethod')],
  ['http.status_code', { kind: 'http-status' }],
]);

/** Keys that need no `@`. */
export const reservedKeys: readonly ReservedKey[] = RESERVED;

/** The reserved key with exactly this name. */
export function findReservedKey(name: string): ReservedKey | undefined {
  return BY_NAME.get(name);
}

/** What the key means; anything unknown is an attribute. */
export function resolveKey(sigil: '@' | '', name: string): Target {
  const target =
    sigil === '' ? (BY_NAME.get(name)?.target ?? PROMOTED.get(name)) : PROMOTED.get(name);
  return target ?? { kind: 'attribute', key: name, tag: sigil === '' };
}

/** The unit an attribute's name tells, or undefined when it tells none. */
export function measureUnit(key: string): MeasureUnit | undefined {
  const suffix = /[._](ns|us|ms|s|sec|secs|seconds|nanos|millis|bytes|size|percent|pct)$/i;
  switch (suffix.exec(key)?.[1]?.toLowerCase()) {
    case 'ns':
    case 'nanos':
      return 'ns';
    case 'us':
      return 'us';
    case 'ms':
    case 'millis':
      return 'ms';
    case 's':
    case 'sec':
    case 'secs':
    case 'seconds':
      return 's';
    case 'bytes':
    case 'size':
      return 'bytes';
    case 'percent':
    case 'pct':
      return 'percent';
    default:
      return undefined;
  }
}
