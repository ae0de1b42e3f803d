import { numberOf, objectsIn, textOf, type JsonObject } from '../json.ts';
import { inferredSegment } from './inferred-segment.ts';
import { keptFields } from './segment-fields.ts';

/** One entry of `Segments[]`: a compiled document, or text that is passed on as it is. */
export type CompiledSegment =
  | { readonly id: string; readonly document: JsonObject }
  | { readonly id: string; readonly verbatim: string };

/**
 * Makes of the documents that services sent, in order of arrival, what readers get:
 * a complete document replaces one in progress; subsegments that came alone are nested into their parents, or stay entries of their
 * own when the parent is not there; a call whose callee sent no segment gets an inferred one, which is gone once the real one is there.
 */
export function compileTrace(traceId: string, arrived: readonly JsonObject[]): JsonObject[] {
  const byId = new Map<string, JsonObject>();
  for (const document of arrived) {
    const id = textOf(document['id'])!;
    const earlier = byId.get(id);
    // A report of work in progress that arrives late says nothing new.
    const stale = document['in_progress'] === true && earlier?.['in_progress'] === undefined;
    if (earlier === undefined || !stale) byId.set(id, keptFields(document));
  }

  const parts = new Map<string, JsonObject>();
  for (const document of byId.values()) indexParts(document, parts);
  const top: JsonObject[] = [];
  for (const document of byId.values()) {
    const parent = parts.get(textOf(document['parent_id']) ?? '');
    if (document['type'] === 'subsegment' && parent !== undefined && parent !== document) {
      nest(document, parent);
    } else {
      top.push(document);
    }
  }

  const segments = top.filter((one) => one['type'] !== 'subsegment');
  const real = new Set(
    segments.filter((one) => one['inferred'] !== true).map((one) => textOf(one['parent_id'])),
  );
  // Who composes documents by hand may send an inferred segment as well; it goes the way of the others.
  const kept = top.filter((one) => one['inferred'] !== true || !real.has(textOf(one['parent_id'])));
  const called = new Set(segments.map((one) => textOf(one['parent_id'])));
  const inferred: JsonObject[] = [];
  for (const part of parts.values()) {
    const isCall = !called.has(textOf(part['id'])) && part['namespace'] !== undefined;
    const segment = isCall ? inferredSegment(part, traceId) : undefined;
    if (segment !== undefined) inferred.push(segment);
  }
  return [...kept, ...inferred].toSorted((a, b) => startOf(a) - startOf(b));
}

function nest(child: JsonObject, parent: JsonObject): void {
  delete child['type'];
  delete child['trace_id'];
  delete child['parent_id'];
  const siblings = [...objectsIn(parent['subsegments']), child];
  parent['subsegments'] = siblings.toSorted((a, b) => startOf(a) - startOf(b));
}

function indexParts(part: JsonObject, into: Map<string, JsonObject>): void {
  const id = textOf(part['id']);
  if (id !== undefined && !into.has(id)) into.set(id, part);
  for (const child of objectsIn(part['subsegments'])) indexParts(child, into);
}

function startOf(part: JsonObject): number {
  return numberOf(part['start_time']) ?? 0;
}

/** The documents among compiled segments: all but those that are passed on as they are. */
export function documentsOf(compiled: readonly CompiledSegment[]): JsonObject[] {
  const documents: JsonObject[] = [];
  for (const one of compiled) if ('document' in one) documents.push(one.document);
  return documents;
}
