import type { Key, Scalar } from './ast.ts';
import type { Target } from './keys.ts';
import type { Predicate } from './predicate.ts';
import type { Hint } from './problem.ts';

/** A value's key: how it was written and what it means. */
export interface Subject {
  readonly name: string;
  readonly key: Key;
  readonly target: Target;
  /** What `now` means, for timestamps. */
  readonly now: bigint | undefined;
}

/** The two ends of a comparison or range; an absent one is open. */
export interface Bounds {
  readonly low?: { readonly scalar: Scalar; readonly inclusive: boolean };
  readonly high?: { readonly scalar: Scalar; readonly inclusive: boolean };
}

/** A predicate and, sometimes, what the reader should know about it. */
export interface Checked {
  readonly predicate: Predicate;
  readonly hint?: Hint;
}
