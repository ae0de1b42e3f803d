import type { TraceId } from '@spanloom/base';
import type { Piece } from './ast.ts';
import type { IpNetwork } from './ip-network.ts';

/** A field of a span that is text; absent is the empty string. `httpStatus` is a number read as its digits. */
export type TextField =
  | 'service'
  | 'name'
  | 'resource'
  | 'type'
  | 'env'
  | 'version'
  | 'function'
  | 'region'
  | 'httpMethod'
  | 'httpStatus';

/** A field of a span that is a whole number. `start` is in nanoseconds since the epoch, `duration` in nanoseconds. */
export type IntegerField = 'start' | 'duration' | 'httpStatus';

/** A yes-or-no fact about a span. */
export type Flag = 'error' | 'root' | 'entry' | 'cold';

/** What a span's kind can be. */
export type SpanKindName =
  | 'unspecified'
  | 'internal'
  | 'server'
  | 'client'
  | 'producer'
  | 'consumer';

/** Where a span came from. */
export type SpanSourceName = 'dd' | 'otel' | 'xray' | 'other';

/** A test of one text. */
export type TextTest =
  | { readonly kind: 'present' }
  /** Exactly one of the values. */
  | { readonly kind: 'equals'; readonly values: readonly string[] }
  /** The whole text follows the pattern; `fold` compares in lower case, and then the pieces are lower-case already. */
  | { readonly kind: 'like'; readonly pieces: readonly Piece[]; readonly fold: boolean }
  /** Some part of the text matches. */
  | { readonly kind: 'regex'; readonly pattern: string }
  /** The number of code points lies in the range, both ends included. */
  | { readonly kind: 'length'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'network'; readonly networks: readonly IpNetwork[] };

/** One end of a range of numbers. */
export interface NumberBound {
  readonly value: number;
  readonly inclusive: boolean;
}

/** A test of an attribute, which may hold text, a number, or (from different senders) either. */
export type AttributeTest =
  | Exclude<TextTest, { kind: 'equals' }>
  /** One of the texts, or the number. */
  | { readonly kind: 'equals'; readonly values: readonly string[]; readonly number?: number }
  /** A number, or text that reads as one, in the range. At least one end is given. */
  | { readonly kind: 'between'; readonly low?: NumberBound; readonly high?: NumberBound };

/**
 * The meaning of a query: keys looked up, values typed, units converted.
 *
 * Every predicate is true or false for a span, never unknown: a test of something absent is false, so that `-x` finds
 * exactly what `x` does not.
 */
export type Predicate =
  | { readonly kind: 'everything' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Predicate[] }
  | { readonly kind: 'not'; readonly operand: Predicate }
  | { readonly kind: 'text'; readonly field: TextField; readonly test: TextTest }
  | { readonly kind: 'attribute'; readonly key: string; readonly test: AttributeTest }
  /** In the range, both ends included. An `httpStatus` of 0 is absent and never matches. */
  | {
      readonly kind: 'integer';
      readonly field: IntegerField;
      readonly min?: bigint;
      readonly max?: bigint;
    }
  | { readonly kind: 'flag'; readonly flag: Flag }
  | { readonly kind: 'span-kind'; readonly values: readonly SpanKindName[] }
  | { readonly kind: 'source'; readonly values: readonly SpanSourceName[] }
  /** The same trace: equal join keys, and equal high halves where both are known. */
  | { readonly kind: 'trace'; readonly id: TraceId }
  | { readonly kind: 'span-id'; readonly field: 'spanId' | 'parentId'; readonly value: bigint }
  /** Some field or attribute that people read contains the pattern, ignoring case. */
  | { readonly kind: 'free-text'; readonly pieces: readonly Piece[]; readonly everywhere: boolean };

/** Matches every span. */
export const EVERYTHING: Predicate = { kind: 'everything' };

/** Matches no span. */
export const NOTHING: Predicate = { kind: 'nothing' };

/** Attributes that free text looks into, beside resource, operation and service. */
export const FREE_TEXT_ATTRIBUTES: readonly string[] = [
  'error.type',
  'error.message',
  'error.msg',
  'http.url',
  'url.full',
];

/** Conjunction or disjunction without a needless level. */
export function join(kind: 'and' | 'or', operands: readonly Predicate[]): Predicate {
  const [only] = operands;
  if (only === undefined) return kind === 'and' ? EVERYTHING : NOTHING;
  return operands.length === 1 ? only : { kind, operands };
}
