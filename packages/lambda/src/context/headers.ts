// Headers of all propagation styles, read and written. Carriers in messages hold the same keys.
import { setting } from '../environment.ts';
import {
  hex64,
  linkTo,
  parseDecimalId,
  traceIdHex,
  type SpanLink,
  type TraceContext,
} from './trace-context.ts';

/** Lower-case names to values. */
export type Carrier = Record<string, string>;

const valueLimit = 8192;
const styles: Readonly<Record<string, (carrier: Carrier) => TraceContext | undefined>> = {
  datadog: readDatadog,
  tracecontext: readTraceparent,
  b3multi: readB3,
  b3: readB3,
  'b3 single header': readB3Single,
};

interface Propagation {
  readonly extract: readonly string[];
  readonly inject: readonly string[];
  readonly firstOnly: boolean;
  readonly behaviour: string;
  readonly tagsLimit: number;
}

let propagation: Propagation | undefined;

/** Styles and limits, read from the environment when first needed. */
function configured(): Propagation {
  if (propagation !== undefined) return propagation;
  const both = setting('TRACE_PROPAGATION_STYLE') ?? 'datadog,tracecontext,baggage';
  return (propagation = {
    extract: styleNames(setting('TRACE_PROPAGATION_STYLE_EXTRACT') ?? both),
    inject: styleNames(setting('TRACE_PROPAGATION_STYLE_INJECT') ?? both),
    firstOnly: setting('TRACE_PROPAGATION_EXTRACT_FIRST') === 'true',
    behaviour: setting('TRACE_PROPAGATION_BEHAVIOR_EXTRACT') ?? 'continue',
    tagsLimit: Number(setting('TRACE_X_DATADOG_TAGS_MAX_LENGTH') ?? 512),
  });
}

function styleNames(text: string): string[] {
  return text
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
}

/** Forgets the styles, so that the next use reads the environment again. */
export function resetPropagation(): void {
  propagation = undefined;
}

const wanted =
  /^(?:x-datadog-|traceparent$|tracestate$|baggage$|b3$|x-b3-|x-aws-sqsd-attr-_datadog$)/i;

/** The trace headers among any headers: names lower-cased, the first of several values, nothing but text. */
export function carrierOf(headers: unknown): Carrier {
  const carrier: Carrier = {};
  if (typeof headers !== 'object' || headers === null) return carrier;
  for (const name in headers) {
    if (!wanted.test(name)) continue;
    const raw = (headers as Record<string, unknown>)[name];
    const value: unknown = Array.isArray(raw) ? raw[0] : raw;
    // Some carriers hold ids as numbers; beyond 2^53 they are wrong already.
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      carrier[name.toLowerCase()] = String(value);
    }
    if (typeof value === 'string' && value.length <= valueLimit)
      carrier[name.toLowerCase()] = value;
  }
  return carrier;
}

/** The context of a carrier, by the configured styles in their order; `undefined` if it holds none. */
export function extractContext(headers: unknown): TraceContext | undefined {
  const { extract, firstOnly, behaviour } = configured();
  if (behaviour === 'ignore') return undefined;
  const carrier = carrierOf(headers);
  let found: TraceContext | undefined;
  const links: SpanLink[] = [];
  for (const style of extract) {
    const next = styles[style]?.(carrier);
    if (next === undefined) continue;
    if (found === undefined) {
      found = next;
      if (firstOnly) break;
    } else if (next.traceId === found.traceId) {
      found = sameTrace(found, next);
    } else {
      links.push(linkTo(next, { reason: 'terminated_context', context_headers: style }));
    }
  }
  if (found === undefined) return fromBeanstalk(carrier);
  const baggage = extract.includes('baggage') ? readBaggage(carrier['baggage']) : undefined;
  if (behaviour === 'restart') {
    links.push(linkTo(found, { reason: 'propagation_behavior_extract' }));
    return { traceId: 0n, traceHigh: '', spanId: 0n, priority: undefined, baggage, links };
  }
  return {
    ...found,
    ...(baggage === undefined ? {} : { baggage }),
    ...(links.length === 0 ? {} : { links }),
  };
}

/** Both styles name the same trace: the W3C parent is the nearer one, ours is remembered. */
function sameTrace(first: TraceContext, next: TraceContext): TraceContext {
  if (next.tracestate === undefined && next.lastParent === undefined) return first;
  const differs = next.spanId !== first.spanId;
  return {
    ...first,
    tracestate: next.tracestate,
    traceHigh: first.traceHigh || next.traceHigh,
    ...(differs ? { spanId: next.spanId, lastParent: next.lastParent ?? hex64(first.spanId) } : {}),
  };
}

function readDatadog(carrier: Carrier): TraceContext | undefined {
  const traceId = parseDecimalId(carrier['x-datadog-trace-id']);
  const spanId = parseDecimalId(carrier['x-datadog-parent-id']);
  if (!traceId || spanId === undefined) return undefined;
  const priority = carrier['x-datadog-sampling-priority'];
  const tags: Record<string, string> = {};
  let traceHigh = '';
  for (const pair of carrier['x-datadog-tags']?.split(',') ?? []) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    if (key === '_dd.p.tid') {
      if (/^[\da-f]{16}$/.test(value)) traceHigh = value;
    } else if (key.startsWith('_dd.p.')) tags[key] = value;
  }
  return {
    traceId,
    traceHigh,
    spanId,
    priority:
      priority !== undefined && /^\s*-?\d\s*$/.test(priority) ? Number(priority) : undefined,
    origin: carrier['x-datadog-origin'],
    tags,
  };
}

function readTraceparent(carrier: Carrier): TraceContext | undefined {
  const match =
    /^\s*(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{16})([\da-f]{16})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|\s*$)/.exec(
      carrier['traceparent'] ?? '',
    );
  if (match === null) return undefined;
  const [, high = '', low = '', span = '', flags = ''] = match;
  const sampled = Number.parseInt(flags, 16) & 1;
  let priority = sampled;
  let origin: string | undefined;
  let lastParent: string | undefined;
  const tags: Record<string, string> = {};
  const others: string[] = [];
  for (const member of carrier['tracestate']?.split(',') ?? []) {
    const trimmed = member.trim();
    if (!trimmed.startsWith('dd=')) {
      if (trimmed !== '') others.push(trimmed);
      continue;
    }
    for (const field of trimmed.slice(3).split(';')) {
      const colon = field.indexOf(':');
      const key = field.slice(0, colon);
      const value = field.slice(colon + 1);
      // A decision in `s` that contradicts the flag belongs to another part of the trace.
      if (key === 's' && Number(value) > 0 === (sampled === 1)) priority = Number(value);
      else if (key === 'o') origin = value.replaceAll('~', '=');
      else if (key === 'p' && /^[\da-f]{16}$/.test(value)) lastParent = value;
      else if (key.startsWith('t.') && key !== 't.tid') {
        tags[`_dd.p.${key.slice(2)}`] = value.replaceAll('~', '=');
      }
    }
  }
  return {
    traceId: BigInt(`0x${low}`),
    traceHigh: high === '0000000000000000' ? '' : high,
    spanId: BigInt(`0x${span}`),
    priority,
    origin,
    tags,
    tracestate: others.join(','),
    lastParent,
  };
}

function readB3(carrier: Carrier): TraceContext | undefined {
  const flag = carrier['x-b3-flags'] === '1' ? 'd' : (carrier['x-b3-sampled'] ?? '');
  return fromB3(carrier['x-b3-traceid'], carrier['x-b3-spanid'], flag);
}

function readB3Single(carrier: Carrier): TraceContext | undefined {
  const [trace, span, flag = ''] = carrier['b3']?.split('-') ?? [];
  return fromB3(trace, span, flag);
}

function fromB3(
  trace: string | undefined,
  span: string | undefined,
  flag: string,
): TraceContext | undefined {
  if (!/^(?:[\da-f]{16}){1,2}$/i.test(trace ?? '') || !/^[\da-f]{16}$/i.test(span ?? '')) {
    return undefined;
  }
  const traceId = BigInt(`0x${trace!.slice(-16)}`);
  const high = trace!.slice(0, -16).toLowerCase();
  if (traceId === 0n) return undefined;
  const kept = flag === 'd' ? 2 : flag === '1' || flag === 'true' ? 1 : 0;
  return {
    traceId,
    traceHigh: /[^0]/.test(high) ? high : '',
    spanId: BigInt(`0x${span}`),
    priority: flag === '' ? undefined : kept,
  };
}

/** Workers of Elastic Beanstalk get message attributes as headers. */
function fromBeanstalk(carrier: Carrier): TraceContext | undefined {
  const text = carrier['x-aws-sqsd-attr-_datadog'];
  if (text === undefined) return undefined;
  try {
    const inner = carrierOf(JSON.parse(text));
    delete inner['x-aws-sqsd-attr-_datadog'];
    return extractContext(inner);
  } catch {
    return undefined;
  }
}

function readBaggage(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const baggage: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const item of text.split(',').slice(0, 64)) {
    const [key = '', value] = (item.split(';')[0] ?? '').split('=');
    if (key.trim() === '' || value === undefined) continue;
    try {
      baggage[decodeURIComponent(key.trim())] = decodeURIComponent(value.trim());
    } catch {
      // One item with a broken escape does not spoil the others.
    }
  }
  return baggage;
}

/** Writes `context` into `carrier` in every configured style. */
export function injectContext(context: TraceContext, carrier: Carrier): void {
  const { inject, tagsLimit } = configured();
  const tags = Object.entries(context.tags ?? {});
  for (const style of inject) {
    if (style === 'datadog') {
      carrier['x-datadog-trace-id'] = String(context.traceId);
      carrier['x-datadog-parent-id'] = String(context.spanId);
      if (context.priority !== undefined) {
        carrier['x-datadog-sampling-priority'] = String(context.priority);
      }
      if (context.origin !== undefined) carrier['x-datadog-origin'] = context.origin;
      const pairs = tags.map(([key, value]) => `${key}=${value}`);
      if (context.traceHigh !== '') pairs.unshift(`_dd.p.tid=${context.traceHigh}`);
      const text = pairs.join(',');
      if (text !== '' && text.length <= tagsLimit) carrier['x-datadog-tags'] = text;
    } else if (style === 'tracecontext') {
      writeTraceparent(context, tags, carrier);
    } else if (style === 'baggage') {
      const items = Object.entries(context.baggage ?? {}).slice(0, 64);
      const text = items.map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`);
      const joined = text.join(',');
      if (joined !== '' && joined.length <= valueLimit) carrier['baggage'] = joined;
    } else if (style === 'b3' || style === 'b3multi') {
      carrier['x-b3-traceid'] = traceIdHex(context);
      carrier['x-b3-spanid'] = hex64(context.spanId);
      if (context.priority !== undefined)
        carrier['x-b3-sampled'] = context.priority > 0 ? '1' : '0';
    } else if (style === 'b3 single header') {
      const flag = context.priority === undefined ? '' : context.priority > 0 ? '-1' : '-0';
      carrier['b3'] = `${traceIdHex(context)}-${hex64(context.spanId)}${flag}`;
    }
  }
}

function writeTraceparent(
  context: TraceContext,
  tags: readonly (readonly [string, string])[],
  carrier: Carrier,
): void {
  const span = hex64(context.spanId);
  const priority = context.priority ?? 1;
  carrier['traceparent'] = `00-${traceIdHex(context)}-${span}-0${priority > 0 ? 1 : 0}`;
  const fields = [`s:${priority}`];
  if (context.origin !== undefined) fields.push(`o:${stateValue(context.origin)}`);
  fields.push(`p:${span}`);
  for (const [key, value] of tags) fields.push(`t.${key.slice(6)}:${stateValue(value)}`);
  const others = context.tracestate ? `,${context.tracestate}` : '';
  carrier['tracestate'] = `dd=${fields.join(';').slice(0, 256)}${others}`;
}

/** Characters that would end a field are replaced, as other tracers do. */
function stateValue(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|[,;~]/g, '_').replaceAll('=', '~');
}
