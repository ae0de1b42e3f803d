import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import type { Span } from '@spanloom/model';

/** A span with nothing special about it. */
export function spanOf(fields: Partial<Span> = {}): Span {
  return {
    traceId: { hi: 0n, lo: 1n },
    spanId: 1n,
    parentId: undefined,
    source: 'datadog',
    service: 'checkout',
    name: 'web.request',
    resource: 'POST /checkout',
    type: 'web',
    kind: 'server',
    env: 'prod',
    version: '43',
    functionName: '',
    start: 1_727_177_160_000_000_000n as EpochNanos,
    duration: 210_000_000 as DurationNanos,
    error: false,
    flags: 1,
    priority: 1,
    meta: {},
    metrics: {},
    binary: {},
    links: [],
    events: [],
    typed: {},
    envelope: '',
    received: 1_727_177_160_000 as EpochMillis,
    ...fields,
  };
}
