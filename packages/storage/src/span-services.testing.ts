import { joinKey } from '@spanloom/base';
import { type Span, SPAN_FLAGS } from '@spanloom/model';

interface Figures {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** A map in its plainest form, in the order of ids. */
export interface Recounted {
  readonly nodes: readonly ({ readonly id: string; readonly type: string } & Figures)[];
  readonly calls: readonly ({ readonly id: string } & Figures)[];
}

interface Call {
  readonly span: Span;
  readonly from: string;
  readonly to: string;
  /** What `to` is when nobody ever entered it. */
  readonly type: string;
}

/** The map of one environment's spans, counted one by one: what the statements of the database must come to. */
export function recount(spans: readonly Span[]): Recounted {
  const hasXRay = spans.some(({ source }) => source === 'xray');
  const entries = spans.filter((span) => enters(span) && span.service !== '');
  const traced = entries.filter(({ source }) => source !== 'xray');
  const counted = entries.filter(
    (span) =>
      span.source !== 'xray' ||
      !traced.some(
        (one) =>
          (one.service === span.service && joinKey(one.traceId) === joinKey(span.traceId)) ||
          (requestOf(one) !== '' && requestOf(one) === requestOf(span)),
      ),
  );
  const env = spans[0]?.env ?? '';
  const types = new Map(
    [...Map.groupBy(counted, ({ service }) => service)].map(
      ([service, of]) => [service, mostOf(of.map(ownType))] as const,
    ),
  );
  const idOf = (type: string, name: string): string =>
    type === 'service' || (types.get(name) === type && type !== 'function')
      ? `${env}/${name}`
      : `${env}/${type}:${name}`;

  const calls: Call[] = [];
  const isChild = (span: Span): boolean =>
    span.parentId !== undefined &&
    !(
      span.source === 'xray' &&
      hasXRay &&
      !isTaken(span) &&
      span.meta['xray.document'] === 'inferred'
    ) &&
    !(isTaken(span) && namesQueue(span));
  for (const span of spans.filter(isChild)) {
    const parent = spans.find((one) => one.spanId === span.parentId && sameTrace(one, span));
    if (parent === undefined || parent.service === '' || span.service === '') continue;
    if (parent.service === span.service) continue;
    calls.push({
      span,
      from: idOf('service', parent.service),
      to: idOf('service', span.service),
      type: 'external',
    });
  }
  for (const span of spans) {
    const { kind, service, meta } = span;
    if ((kind !== 'client' && kind !== 'producer') || service === '') continue;
    if (enters(span) && span.parentId !== undefined) continue;
    if (!['', service].includes(meta['_dd.base_service'] ?? '')) continue;
    const { type, name } = peerOf(span);
    const isStep = spans.some(
      (one) =>
        one.spanId === span.parentId &&
        sameTrace(one, span) &&
        (one.kind === 'client' || one.kind === 'producer'),
    );
    const answered = spans.some(
      (one) =>
        one.parentId === span.spanId &&
        sameTrace(one, span) &&
        isChild(one) &&
        (enters(one) || one.kind === 'server' || one.kind === 'consumer'),
    );
    if (answered || isStep || name === '') continue;
    calls.push({
      span,
      from: idOf('service', service),
      to: idOf(type, name),
      type: type === 'service' ? 'external' : type,
    });
  }
  for (const span of spans.filter((one) => isTaken(one) && namesQueue(one) && one.service !== '')) {
    const from = idOf('queue', peerOf(span).name);
    calls.push({ span, from, to: idOf('service', span.service), type: 'external' });
  }
  const others = calls.filter(({ from, to }) => from !== to);
  const once = others.filter(
    (call) =>
      call.span.source !== 'xray' ||
      !others.some(
        (one) =>
          one.span.source !== 'xray' &&
          sameTrace(one.span, call.span) &&
          one.from === call.from &&
          one.to === call.to,
      ),
  );

  const nodes = new Map<string, { id: string; type: string } & Figures>();
  for (const [service, type] of types) {
    const id = `${env}/${service}`;
    nodes.set(id, { id, type, ...figures(counted.filter((span) => span.service === service)) });
  }
  for (const [id, to] of Map.groupBy(once, (call) => call.to)) {
    const isCaller = once.some(({ from }) => from === id);
    const told = to[0]!.type;
    const type = told === 'external' && isCaller ? 'service' : told;
    if (!nodes.has(id)) nodes.set(id, { id, type, ...figures(to.map(({ span }) => span)) });
  }
  for (const { from } of once) {
    const type = from.startsWith(`${env}/queue:`) ? 'queue' : 'service';
    if (!nodes.has(from)) nodes.set(from, { id: from, type, ...figures([]) });
  }
  const edges = [...Map.groupBy(once, ({ from, to }) => `${from} > ${to}`)].map(([id, of]) => ({
    id,
    ...figures(of.map(({ span }) => span)),
  }));
  return { nodes: [...nodes.values()].toSorted(byId), calls: edges.toSorted(byId) };
}

function enters({ flags }: Span): boolean {
  return (flags & SPAN_FLAGS.entry) !== 0;
}

function sameTrace(a: Span, b: Span): boolean {
  return joinKey(a.traceId) === joinKey(b.traceId);
}

function requestOf({ type, meta }: Span): string {
  return type === 'serverless' ? (meta['request_id'] ?? '') : '';
}

function isTaken(span: Span): boolean {
  return enters(span) && span.kind === 'consumer';
}

function namesQueue(span: Span): boolean {
  const { type, name } = peerOf(span);
  return type === 'queue' && name !== '';
}

function ownType({ kind, type }: Span): string {
  if (kind === 'client' || kind === 'producer') {
    if (type === 'redis') return 'cache';
    if (type === 'sql') return 'database';
    return kind === 'producer' ? 'queue' : 'external';
  }
  return type === 'serverless' ? 'function' : 'service';
}

/** Only with the attributes that the test draws. */
function peerOf({ kind, type, source, meta }: Span): { type: string; name: string } {
  const host = meta['out.host'] ?? (source === 'xray' ? (meta['peer.service'] ?? '') : '');
  const place = host === '10.0.0.1' ? 'IP targets' : host;
  const of =
    type === 'redis'
      ? { type: 'cache', name: place || 'redis' }
      : type === 'sql' || meta['db.name'] !== undefined
        ? { type: 'database', name: meta['db.name'] ?? place }
        : kind === 'producer' || kind === 'consumer'
          ? { type: 'queue', name: meta['messaging.destination.name'] ?? place }
          : { type: 'service', name: place };
  const given = source === 'xray' ? undefined : meta['peer.service'];
  return { type: of.type, name: given ?? of.name };
}

function mostOf(types: readonly string[]): string {
  const counts = [...Map.groupBy(types, (type) => type)].map(([type, of]) => ({
    type,
    count: of.length,
  }));
  const most = Math.max(...counts.map(({ count }) => count));
  const best = counts
    .filter(({ count }) => count === most)
    .map(({ type }) => type)
    .toSorted();
  return best.find((type) => type !== 'service') ?? 'service';
}

function figures(spans: readonly Span[]): Figures {
  const durations = spans.map(({ duration }) => duration as number).toSorted((a, b) => a - b);
  return {
    requests: spans.length,
    errors: spans.filter(({ error }) => error).length,
    p50: lowerRank(durations, 0.5),
    p99: lowerRank(durations, 0.99),
  };
}

/** The lower of the two values that a percentile lies between. */
function lowerRank(sorted: readonly number[], level: number): number | undefined {
  if (sorted.length === 0) return undefined;
  return sorted[Math.max(0, Math.ceil(level * sorted.length) - 1)];
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}
