import { isObject } from '../loose.ts';
import { hex64, type TraceContext } from './trace-context.ts';

/** What a function's own extractor may answer. Ids are decimal texts, numbers, bigints, or hex (`0x…` or 32 digits). */
export interface ExtractedContext {
  readonly traceId?: string | number | bigint;
  readonly parentId?: string | number | bigint;
  readonly sampleMode?: number;
  readonly source?: 'event' | 'xray';
}

/** Finds the trace context in events that only the function itself understands. */
export type TraceExtractor = (
  event: unknown,
  context: unknown,
) => ExtractedContext | undefined | null | Promise<ExtractedContext | undefined | null>;

/** Takes an extractor's answer; `undefined` unless it holds both ids. */
export function fromExtracted(
  answer: unknown,
): { readonly context: TraceContext; readonly source: 'event' | 'xray' } | undefined {
  if (!isObject(answer)) return undefined;
  const trace = looseId(answer['traceId'] ?? answer['traceID']);
  const parent = looseId(answer['parentId'] ?? answer['parentID']);
  if (!trace || parent === undefined) return undefined;
  const mode = Number(answer['sampleMode'] ?? NaN);
  const high = trace >> 64n;
  return {
    context: {
      traceId: trace & 0xffff_ffff_ffff_ffffn,
      traceHigh: high === 0n ? '' : hex64(high),
      spanId: parent,
      priority: Number.isInteger(mode) ? mode : undefined,
    },
    source: (answer['source'] as unknown) === 'xray' ? 'xray' : 'event',
  };
}

function looseId(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^[\da-f]{32}$/i.test(value)) return BigInt(`0x${value}`);
  return /^(?:\d{1,20}|0x[\da-f]{1,32})$/i.test(value) ? BigInt(value) : undefined;
}
