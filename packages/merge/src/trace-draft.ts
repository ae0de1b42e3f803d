import type { Span } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';
import { cutCycles } from './cut-cycles.ts';

/** Why a span is folded away. */
export interface Hiding {
  /** The span that shows it instead, -1 for none. */
  readonly by: number;
  /** Where its children go, -1 to be roots. */
  readonly heir: number;
  readonly reason: string;
}

/**
 * A trace while it is put together, by position in its own list of spans. Rules move, hide and complete spans here; what is
 * stored is never touched.
 */
export class TraceDraft {
  /** In the order of `compareSpans`. Replaced by a copy where a rule adds to one. */
  readonly spans: Span[];
  /** Position of each span's parent, -1 for none. */
  readonly parents: Int32Array;
  /** Parents that are not here, by child. */
  readonly missing: Map<number, bigint> = new Map();
  /** Those of them that are stored, but in a trace or an environment that this is not. */
  readonly foreign: Set<number> = new Set();
  readonly hidden: Map<number, Hiding> = new Map();
  readonly problems: Problem[] = [];

  constructor(spans: Span[]) {
    this.spans = spans;
    this.parents = new Int32Array(spans.length).fill(-1);
  }

  /** Makes stated parents a tree. Everything after keeps it one. */
  cutCycles(): void {
    this.problems.push(...cutCycles(this.spans, this.parents));
  }

  /** Puts a span below another, unless that would make it its own ancestor. */
  moveBelow(position: number, parent: number): boolean {
    if (this.isBelow(parent, position)) return false;
    this.parents[position] = parent;
    this.missing.delete(position);
    this.foreign.delete(position);
    return true;
  }

  /** Puts a span below one that has not arrived, or makes it a root. */
  detach(position: number, parentId: bigint | undefined): void {
    this.parents[position] = -1;
    this.foreign.delete(position);
    if (parentId === undefined) this.missing.delete(position);
    else this.missing.set(position, parentId);
  }

  /** Whether a span is another one or is below it. */
  isBelow(position: number, ancestor: number): boolean {
    let at = position;
    for (let steps = 0; at !== -1 && steps <= this.parents.length; steps++) {
      if (at === ancestor) return true;
      at = this.parents[at]!;
    }
    return false;
  }

  /** Folds a span away. The first reason stays. */
  hide(position: number, hiding: Hiding): void {
    if (this.hidden.has(position) || hiding.by === position) return;
    this.hidden.set(position, hiding);
  }

  /** The span that shows a hidden one: itself not hidden; -1 for none. */
  shownBy(position: number): number {
    let at = position;
    for (let steps = 0; this.hidden.has(at) && steps <= this.hidden.size; steps++) {
      at = this.hidden.get(at)!.by;
    }
    return this.hidden.has(at) ? -1 : at;
  }

  isHidden(position: number): boolean {
    return this.hidden.has(position);
  }

  /** Moves the children of hidden spans to where they are shown. */
  adoptChildren(): void {
    if (this.hidden.size === 0) return;
    for (let i = 0; i < this.parents.length; i++) {
      if (this.hidden.has(i)) continue;
      let parent = this.parents[i]!;
      for (let steps = 0; steps < this.hidden.size && this.hidden.has(parent); steps++) {
        parent = this.hidden.get(parent)!.heir;
      }
      if (parent === this.parents[i]) continue;
      if (parent === -1 || this.hidden.has(parent) || !this.moveBelow(i, parent)) {
        this.#moveUp(i);
      }
    }
  }

  /** Puts a span below the nearest span above it that is drawn. */
  #moveUp(position: number): void {
    let at = this.parents[position]!;
    while (at !== -1 && this.hidden.has(at)) at = this.parents[at]!;
    if (at === -1) this.detach(position, undefined);
    else this.moveBelow(position, at);
  }

  /** Adds to a span what it does not state itself. */
  complete(position: number, tags: Readonly<Record<string, string>>): void {
    const span = this.spans[position]!;
    const meta = Object.assign(Object.create(null), tags, span.meta) as Record<string, string>;
    this.spans[position] = { ...span, meta };
  }
}
