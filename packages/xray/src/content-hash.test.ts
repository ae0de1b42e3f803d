import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { contentHash } from './content-hash.ts';
import { scanDocuments } from './scan-documents.ts';

function hash(...texts: string[]): string {
  return contentHash(scanDocuments(texts).documents);
}

function nested(inner: string): string {
  return `{"id":"aa","metadata":${'{"a":['.repeat(20_000)}${inner}${']}'.repeat(20_000)}}`;
}

test('canonicalJson() orders keys, and subsegments by id', () => {
  expect(
    canonicalJson({ b: [2, 1], a: { d: null, c: 'x' }, subsegments: [{ id: 'f' }, { id: 'a' }] }),
  ).toBe('{"a":{"c":"x","d":null},"b":[2,1],"subsegments":[{"id":"a"},{"id":"f"}]}');
});

test('contentHash() is the same however numbers are rendered and documents ordered', () => {
  const one = '{"id":"aa","start_time":1727177156.262,"name":"x"}';
  const again = '{"name":"x","id":"aa","start_time":1.727177156262E9}';
  const other = '{"id":"bb","start_time":1}';
  expect(hash(one, other)).toBe(hash(other, again));
  expect(hash(one)).toMatch(/^[0-9a-f]{32}$/);
});

test('contentHash() differs when any value, document or broken text does', () => {
  const hashes = [
    hash('{"id":"aa","start_time":1}'),
    hash('{"id":"aa","start_time":2}'),
    hash('{"id":"aa","start_time":1}', '{"id":"bb"}'),
    hash('{"id":"aa","start_time":1}', '{"id":"bb"}', '{"id":"bb"}'),
    hash('{"id":"aa","start_time":1'),
    hash(),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('canonicalJson() of any document reads back as that document', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('contentHash() takes documents of any depth, and still sees what is deepest', () => {
  expect(hash(nested('1.0'))).toBe(hash(nested('1')));
  expect(hash(nested('1'))).not.toBe(hash(nested('2')));
  expect(canonicalJson(JSON.parse(nested('7')))).toBe(nested('7'));
});

test('contentHash() differs when what is made of the documents does', () => {
  const { documents } = scanDocuments(['{"id":"aa"}']);
  expect(contentHash(documents, 1)).not.toBe(contentHash(documents, 2));
});
