import { isJsonObject, type TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { parseStepFunctionsContext } from './step-functions-ids.ts';
import { parseDecimalTraceId } from './xray-ids.ts';

/** The place in another trace that a span says it continues. */
export interface TraceContext {
  readonly traceId: TraceId;
  readonly parentId: bigint;
}

/**
 * Attributes of the `datadog-metadata` subsegment, by which a Lambda library tells X-Ray where an invocation came from. The
 * decoder stores each key of that namespace as JSON text.
 */
export const METADATA_ATTRIBUTES = {
  trace: 'xray.metadata.datadog.trace',
  stepFunctions: 'xray.metadata.datadog.root_span_metadata',
  functionTags: 'xray.metadata.datadog.lambda_function_tags',
} as const;

/** What a metadata subsegment says its invocation continues. */
export function contextOfSpan({ meta }: Span): TraceContext | undefined {
  return contextOfTexts(meta[METADATA_ATTRIBUTES.trace], meta[METADATA_ATTRIBUTES.stepFunctions]);
}

/** As `contextOfSpan`, of the attributes' texts. */
export function contextOfTexts(
  trace: string | undefined,
  stepFunctions: string | undefined,
): TraceContext | undefined {
  const stated = trace === undefined ? undefined : parseTraceMetadata(trace);
  if (stated !== undefined || stepFunctions === undefined) return stated;
  return parseStepFunctionsContext(stepFunctions);
}

/**
 * `{"trace-id": "…", "parent-id": "…"}`. Digits are taken from the text: some libraries write them without quotes, and JSON.parse
 * would round them.
 */
function parseTraceMetadata(text: string): TraceContext | undefined {
  const traceId = parseDecimalTraceId(digitsOf(text, 'trace-id'));
  const parentId = parseDecimalTraceId(digitsOf(text, 'parent-id'));
  if (traceId === undefined || traceId.lo === 0n) return undefined;
  if (parentId === undefined || parentId.hi !== 0n) return undefined;
  return { traceId, parentId: parentId.lo };
}

function digitsOf(text: string, key: string): string {
  const at = text.indexOf(`"${key}"`);
  if (at === -1) return '';
  return (
    /^\s*:\s*(?:"(\d+)"|(\d+)\s*[,}])/
      .exec(text.slice(at + key.length + 2))
      ?.slice(1)
      .find(Boolean) ?? ''
  );
}

/** Tags of the whole function that a metadata subsegment carries, such as `http.status_code`. */
export function functionTagsOf({ meta }: Span): Readonly<Record<string, string>> {
  const text = meta[METADATA_ATTRIBUTES.functionTags];
  if (text === undefined) return {};
  let tags: unknown;
  try {
    tags = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isJsonObject(tags)) return {};
  const plain: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      plain[key] = String(value);
    }
  }
  return plain;
}
