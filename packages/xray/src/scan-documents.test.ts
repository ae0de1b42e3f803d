import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DocumentScan, scanDocuments } from './scan-documents.ts';

const TIMES = { start_time: 100, end_time: 101 };

function scan(...documents: unknown[]): DocumentScan {
  return scanDocuments(
    documents.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
  );
}

test.each([
  ['a finished root', [{ id: 'a', ...TIMES }], false],
  ['a root in progress', [{ id: 'a', start_time: 100, in_progress: true }], true],
  ['a root without an end', [{ id: 'a', start_time: 100 }], true],
  [
    'one that has ended without saying when',
    [{ id: 'a', start_time: 100, in_progress: false }],
    false,
  ],
  [
    'a subsegment in progress',
    [{ id: 'a', ...TIMES, subsegments: [{ id: 'b', start_time: 100, in_progress: true }] }],
    true,
  ],
  ['a caller that is not there', [{ id: 'a', parent_id: 'z', ...TIMES }], true],
  [
    'a caller that is there',
    [
      { id: 'a', ...TIMES, subsegments: [{ id: 'b', ...TIMES }] },
      { id: 'c', parent_id: 'b', ...TIMES },
    ],
    false,
  ],
  [
    'a callee that has not reported',
    [{ id: 'a', ...TIMES, subsegments: [{ id: 'b', ...TIMES, traced: true }] }],
    true,
  ],
  [
    'a callee of which X-Ray only guesses',
    [
      { id: 'a', ...TIMES, subsegments: [{ id: 'b', ...TIMES, traced: true }] },
      { id: 'c', parent_id: 'b', inferred: true, ...TIMES },
    ],
    true,
  ],
  [
    'a callee that has reported',
    [
      { id: 'a', ...TIMES, subsegments: [{ id: 'b', ...TIMES, traced: true }] },
      { id: 'c', parent_id: 'b', ...TIMES },
    ],
    false,
  ],
  [
    "segments that are each other's parents",
    [
      { id: 'a', parent_id: 'b', ...TIMES },
      { id: 'b', parent_id: 'a', ...TIMES },
    ],
    true,
  ],
  ['nothing that can be read', ['{', '[]', '7'], false],
])('scanDocuments() of %s', (_, documents, open) => {
  expect(scan(...documents).open).toBe(open);
});

test('scanDocuments() finds the last time, whichever part has it', () => {
  expect(
    scan(
      { id: 'a', ...TIMES, subsegments: [{ id: 'b', start_time: 100, end_time: 102.5 }] },
      { id: 'c', parent_id: 'a', start_time: 103.25, in_progress: true },
    ).endMs,
  ).toBe(103_250);
  expect(scan('x').endMs).toBeUndefined();
});

test('scanDocuments() keeps malformed documents and counts them', () => {
  const { documents, malformed } = scan({ id: 'a', ...TIMES }, '{"id":', 'null');
  expect(malformed).toBe(2);
  expect(documents.map(({ text }) => text)).toEqual([
    '{"id":"a","start_time":100,"end_time":101}',
    '{"id":',
    'null',
  ]);
});

test('scanDocuments() cuts what nests deeper than 100, and says so in the document', () => {
  const nested = (depth: number): Record<string, unknown> => ({
    id: depth.toString(16),
    ...TIMES,
    ...(depth > 1 && { subsegments: [nested(depth - 1)] }),
  });
  expect(scan(nested(100))).toMatchObject({ spans: 100, truncated: 0 });
  const cut = scan(nested(101));
  expect(cut).toMatchObject({ spans: 100, truncated: 1 });
  expect(JSON.parse(cut.documents[0]!.text)).toMatchObject({
    annotations: { 'xray.truncated': true },
  });
  // Far beyond what a recursive reader could take.
  expect(scan(`${'{"subsegments":['.repeat(20_000)}${']}'.repeat(20_000)}`)).toMatchObject({
    spans: 100,
  });
});

/** A segment that is so many spans, itself among them. */
function segmentOf(spans: number): Record<string, unknown> {
  const subsegments = Array.from({ length: spans - 1 }, (_, index) => ({
    id: index.toString(16),
    ...TIMES,
  }));
  return { id: 'a', ...TIMES, subsegments };
}

test('scanDocuments() cuts and marks a document whose metadata nests deeper than a stack is high', () => {
  const metadata = `{"d":{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
  const children = `${'{"subsegments":['.repeat(200)}${']}'.repeat(200)}`;
  const text = `{"id":"a","start_time":100,"end_time":101,"metadata":${metadata},"subsegments":[${children}]}`;
  const { documents, truncated } = scan(text);
  expect(truncated).toBe(1);
  expect(documents[0]!.text).toContain('"annotations":{"xray.truncated":true}');
  expect(documents[0]!.text).toContain(metadata);
});

test('scanDocuments() keeps 10,000 spans of a trace and no more', () => {
  expect(scan(segmentOf(10_000))).toMatchObject({ spans: 10_000, truncated: 0 });
  expect(scan(segmentOf(10_001))).toMatchObject({ spans: 10_000, truncated: 1 });
});

test('scanDocuments() leaves out a document of more than half a megabyte and marks another', () => {
  const large = { id: 'b', ...TIMES, metadata: { default: { blob: 'x'.repeat(600_000) } } };
  const { documents, truncated } = scan({ id: 'a', ...TIMES, annotations: { k: 1 } }, large);
  expect(truncated).toBe(1);
  expect(documents.map(({ parsed }) => parsed)).toEqual([
    { id: 'a', ...TIMES, annotations: { k: 1, 'xray.truncated': true } },
  ]);
});

test('scanDocuments() takes any text', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (texts) => {
      const { documents, truncated } = scanDocuments(texts);
      expect(documents.length + truncated).toBeGreaterThanOrEqual(texts.length);
    }),
  );
});
