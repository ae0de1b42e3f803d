import { AsyncLocalStorage } from 'node:async_hooks';
import type { Invocation } from './invocation.ts';
import type { Span } from './span/span.ts';

/** What code running within an invocation belongs to. */
interface Scope {
  readonly invocation: Invocation | undefined;
  readonly span: Span | undefined;
  /** What OpenTelemetry keeps beside the span, if its API is in use. */
  readonly context?: unknown;
}

/**
 * What one process has once, however many copies of this library it loaded (ES module and CommonJS, layer and bundle). Nothing
 * of an invocation is kept here: several may run at once.
 */
interface Shared {
  readonly scopes: AsyncLocalStorage<Scope>;
  readonly loadedAtMs: number;
  /** Which global things were patched already. */
  readonly patched: Set<string>;
  /** Whether an invocation has begun in this process. */
  invoked: boolean;
  /** Steps of ours that failed, for debugging. */
  failures: number;
}

const key = Symbol.for('@spanloom/lambda');
const holder = globalThis as { [key]?: Shared };

export const shared: Shared = (holder[key] ??= {
  scopes: new AsyncLocalStorage(),
  loadedAtMs: Date.now(),
  patched: new Set(),
  invoked: false,
  failures: 0,
});

/** True the first time it is asked for `name` in this process. */
export function firstPatch(name: string): boolean {
  if (shared.patched.has(name)) return false;
  shared.patched.add(name);
  return true;
}

/** The invocation the caller runs in. */
export function currentInvocation(): Invocation | undefined {
  return shared.scopes.getStore()?.invocation;
}
