import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectsIn, type JsonObject } from '../json.ts';
import { apiToLambda, publishToTopic, stateMachine, type Scene } from '../scenes/index.ts';
import { compileTrace } from './compile-trace.ts';
import { renderDocument } from './render-document.ts';

const at = 1_727_177_156_250;

/** A scene as clients stream it: every subsegment on its own, and each part first as one in progress. */
function streamed(scene: Scene): JsonObject[] {
  const pieces: JsonObject[] = [];
  const cut = (part: JsonObject, parentId: unknown): void => {
    const { subsegments, ...alone } = part;
    const piece =
      parentId === undefined
        ? alone
        : { ...alone, trace_id: scene.traceId, parent_id: parentId, type: 'subsegment' };
    const { end_time: _, ...open } = piece;
    pieces.push({ ...open, in_progress: true }, piece);
    for (const child of objectsIn(subsegments)) cut(child, part['id']);
  };
  for (const document of scene.documents) cut({ ...document }, undefined);
  return pieces;
}

/** What differs between two compilations without a difference in meaning: the order of siblings that begin together. */
function canonical(documents: readonly JsonObject[]): unknown {
  const sorted = (parts: readonly JsonObject[]): JsonObject[] =>
    parts
      .map((part): JsonObject => ({
        ...part,
        ...(part['subsegments'] === undefined
          ? {}
          : { subsegments: sorted(objectsIn(part['subsegments'])) }),
      }))
      .toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
  return sorted(documents);
}

test.each([
  ['API to function', apiToLambda({ at, coldStart: true })],
  ['state machine', stateMachine({ at })],
  ['topic', publishToTopic({ at })],
])('%s: pieces in any order compile to what whole documents do', (_, scene) => {
  const whole = canonical(compileTrace(scene.traceId, [...scene.documents]));
  const pieces = streamed(scene);
  fc.assert(
    fc.property(fc.shuffledSubarray(pieces, { minLength: pieces.length }), (order) => {
      expect(canonical(compileTrace(scene.traceId, order))).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

test('compiling does not touch what was stored', () => {
  const scene = apiToLambda({ at });
  const before = structuredClone(scene.documents);
  compileTrace(scene.traceId, [...scene.documents]);
  expect(scene.documents).toEqual(before);
});

test('numbers in exponent form are the same numbers', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const document = { value } as JsonObject;
      const plain = JSON.parse(JSON.stringify(document)) as unknown;
      expect(JSON.parse(renderDocument(document, 'exponent'))).toEqual(plain);
    }),
  );
});
