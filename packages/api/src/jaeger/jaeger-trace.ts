import { formatSpanId, formatTraceId } from '@spanloom/base';
import type { AssembledTrace, TraceNode } from '@spanloom/merge';
import { KINDS, type AttributeValue } from '@spanloom/model';

/** A tag of a span, a process or an event. */
interface JaegerTag {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'float64' | 'int64';
  readonly value: string | number | boolean;
}

interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly {
    readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM';
    readonly traceID: string;
    readonly spanID: string;
  }[];
  readonly flags: number;
  /** Microseconds since the epoch, and microseconds. */
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly timestamp: number; readonly fields: readonly JaegerTag[] }[];
  readonly processID: string;
  readonly warnings: readonly string[] | null;
}

export interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<
    Record<string, { readonly serviceName: string; readonly tags: readonly JaegerTag[] }>
  >;
  readonly warnings: readonly string[] | null;
}

/**
 * A trace as Jaeger's query service answers it. Hidden spans are left out: that interface has no word for them, and their
 * children stand below the span that shows them. A process is a service in one environment and version.
 */
export function toJaegerTrace(trace: AssembledTrace): JaegerTrace {
  const traceID = formatTraceId(trace.traceId);
  const processes = new Map<string, { id: string; serviceName: string; tags: JaegerTag[] }>();
  const spans = trace.nodes
    .filter(({ hiddenReason }) => hiddenReason === undefined)
    .map((node) => {
      const { service, env, version } = node.span;
      const key = JSON.stringify([service, env, version]);
      let process = processes.get(key);
      if (process === undefined) {
        process = {
          id: `p${processes.size + 1}`,
          serviceName: service,
          tags: [...text('deployment.environment', env), ...text('service.version', version)],
        };
        processes.set(key, process);
      }
      return toSpan(node, traceID, process.id);
    });
  return {
    traceID,
    spans,
    processes: Object.fromEntries(
      [...processes.values()].map(({ id, serviceName, tags }) => [id, { serviceName, tags }]),
    ),
    warnings: trace.problems.length === 0 ? null : trace.problems.map(({ message }) => message),
  };
}

function toSpan({ span, parentId }: TraceNode, traceID: string, processID: string): JaegerSpan {
  const parent =
    parentId === undefined
      ? []
      : [{ refType: 'CHILD_OF' as const, traceID, spanID: formatSpanId(parentId) }];
  const links = span.links.map((link) => ({
    refType: 'FOLLOWS_FROM' as const,
    traceID: formatTraceId(link.traceId),
    spanID: formatSpanId(link.spanId),
  }));
  return {
    traceID,
    spanID: formatSpanId(span.spanId),
    operationName: span.name,
    references: [...parent, ...links],
    flags: 1,
    startTime: microseconds(span.start),
    duration: Math.round(span.duration / 1000),
    tags: [
      ...text('resource.name', span.resource),
      ...text('span.type', span.type),
      ...(span.kind === KINDS[0] ? [] : text('span.kind', span.kind)),
      ...(span.error ? [{ key: 'error', type: 'bool' as const, value: true }] : []),
      ...Object.entries(span.meta).flatMap(([key, value]) =>
        key === 'span.kind' ? [] : text(key, value),
      ),
      ...Object.entries(span.metrics).map(([key, value]) => tag(key, value)),
    ],
    logs: span.events.map((event) => ({
      timestamp: microseconds(event.time),
      fields: [
        ...text('event', event.name),
        ...Object.entries(event.attributes).map(([key, value]) => tag(key, value)),
      ],
    })),
    processID,
    warnings: null,
  };
}

function text(key: string, value: string): JaegerTag[] {
  return value === '' ? [] : [{ key, type: 'string', value }];
}

function tag(key: string, value: AttributeValue): JaegerTag {
  switch (typeof value) {
    case 'string':
      return { key, type: 'string', value };
    case 'boolean':
      return { key, type: 'bool', value };
    case 'number':
      return { key, type: Number.isSafeInteger(value) ? 'int64' : 'float64', value };
    default:
      return { key, type: 'string', value: JSON.stringify(value) };
  }
}

function microseconds(nanos: bigint): number {
  return Number(nanos / 1000n);
}
