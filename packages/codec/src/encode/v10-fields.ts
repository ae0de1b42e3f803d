import { KINDS, type Span } from '@spanloom/model';
import { type ExactJson, parseExactJson } from '../wire/json-text.ts';
import { exactInteger } from './datadog-span.ts';

/** An attribute with its type, as agent traces v1.0 state it. */
export type TypedAttribute =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'json'; readonly value: ExactJson };

/** The parts of a span that v1.0 takes out of the attributes, and what is left of them. */
export interface V10Span {
  readonly env: string;
  readonly version: string;
  readonly component: string;
  readonly kind: number;
  readonly attributes: readonly (readonly [string, TypedAttribute])[];
}

const MIN_I64 = -0x8000_0000_0000_0000n;
const MAX_I64 = 0x7fff_ffff_ffff_ffffn;

export function v10Span(span: Span): V10Span {
  const { env = '', version = '', component = '' } = span.meta;
  const rest: Record<string, string> = { ...span.meta };
  const kind = Math.max(0, KINDS.indexOf(rest['span.kind'] as (typeof KINDS)[number]));
  if (kind > 0) delete rest['span.kind'];
  for (const key of ['env', 'version', 'component'] as const) {
    // An attribute that is there and empty differs from one that is not: it stays an attribute.
    if (rest[key] !== '') delete rest[key];
  }
  const attributes = [...typedAttributes(span, rest, 'double')];
  return { env, version, component, kind, attributes };
}

/** A span's attributes with the types they had on the wire. */
export function* typedAttributes(
  span: Span,
  meta: Readonly<Record<string, string>>,
  wholeNumbers: 'int' | 'double',
): Generator<readonly [string, TypedAttribute]> {
  for (const [key, value] of Object.entries(meta)) {
    const type = span.typed[key];
    if (type === 'bool') yield [key, { type: 'boolean', value: value === 'true' }];
    else if (type === 'json') yield [key, { type: 'json', value: parseExactJson(value) }];
    else yield [key, { type: 'string', value }];
  }
  for (const [key, value] of Object.entries(span.metrics)) {
    const exact = exactInteger(span.typed[key]);
    if (exact !== undefined && exact >= MIN_I64 && exact <= MAX_I64)
      yield [key, { type: 'integer', value: exact }];
    else if (isInteger(value, span.typed[key], wholeNumbers))
      yield [key, { type: 'integer', value: BigInt(value) }];
    else yield [key, { type: 'double', value }];
  }
  for (const [key, value] of Object.entries(span.binary)) yield [key, { type: 'bytes', value }];
}

function isInteger(
  value: number,
  type: string | undefined,
  wholeNumbers: 'int' | 'double',
): boolean {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
  return type === 'int' || (type !== 'double' && wholeNumbers === 'int');
}

/** The bytes behind `{"$bytes":"…"}`, which is how binary values stand in JSON; undefined for anything else. */
export function bytesOfJson(value: ExactJson): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const [key, text] = entries[0] ?? [];
  return entries.length === 1 && key === '$bytes' && typeof text === 'string'
    ? Buffer.from(text, 'base64')
    : undefined;
}
