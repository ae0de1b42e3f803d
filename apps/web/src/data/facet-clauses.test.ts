import { formatQuery, parseQuery } from '@spanloom/query';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  durationLimits,
  durationText,
  facetSelection,
  isSameFacet,
  withClauses,
  withDuration,
  withOnly,
  withoutFacet,
  withSelection,
  withValueLike,
} from './facet-clauses.ts';

test.each([
  ['', [], [], false],
  ['service:checkout', ['checkout'], [], false],
  ['a:b service:(checkout OR fulfil) -service:cart', ['checkout', 'fulfil'], ['cart'], false],
  ['(service:a OR service:b) c', ['a', 'b'], [], false],
  ['NOT service:(a, b)', [], ['a', 'b'], false],
  ['@service:"two words"', ['two words'], [], false],
  ['service:web*', [], [], true],
  ['service:a OR env:prod', [], [], true],
  ['service:', [], [], false],
])('facetSelection(%j)', (q, included, excluded, other) => {
  expect(facetSelection(q, 'service')).toEqual({ included, excluded, other });
});

test.each([
  ['', ['a'], [], 'service:a'],
  ['status:error', ['a', 'b c'], [], 'status:error service:(a OR "b c")'],
  ['service:a AND status:error', ['a', 'b'], [], 'service:(a OR b) status:error'],
  ['env:prod AND @duration:>50ms', [], ['x'], 'env:prod AND @duration:>50ms -service:x'],
  ['service:a', [], [], ''],
  ['env:prod OR env:dev', ['a'], [], '(env:prod OR env:dev) service:a'],
  ['(env:prod OR env:dev) service:a', ['b'], [], '(env:prod OR env:dev) service:b'],
  ['service:web* x', ['a'], ['b', 'c'], 'service:web* x service:a -service:(b OR c)'],
  ['x service:a y -service:b z', ['c'], [], 'x service:c y z'],
  ['*', ['-odd', 'a:b'], [], 'service:(-odd OR a:b)'],
])('withSelection(%j, %j, %j)', (q, included, excluded, expected) => {
  expect(withSelection(q, 'service', { included, excluded })).toBe(expected);
});

test('a query that cannot be read is left alone', () => {
  expect(withSelection('env:(', 'service', { included: ['a'], excluded: [] })).toBeUndefined();
  expect(withoutFacet('env:(', 'service')).toBeUndefined();
});

test('withoutFacet() takes out everything said of the facet alone, under any of its names', () => {
  expect(withoutFacet('name:a* env:prod -operation_name:b', 'operation_name')).toBe('env:prod');
  expect(withoutFacet('service:a OR env:prod', 'service')).toBe('service:a OR env:prod');
  expect(withoutFacet('duration:>5ms @duration:<9ms x', '@duration')).toBe('x');
});

test('withOnly() says one thing of the facet', () => {
  expect(withOnly('service:(a OR b) x -service:c*', 'service', 'b')).toBe('service:b x');
  expect(withOnly('x', '@peer.service', undefined)).toBe('x _missing_:@peer.service');
});

test('withClauses() and withValueLike() add to what is there', () => {
  expect(withClauses('a OR b', 'status:error')).toBe('(a OR b) status:error');
  expect(withClauses('', 'a OR b')).toBe('a OR b');
  expect(withValueLike('env:prod', 'resource_name', 'GET /a*')).toBe(
    'env:prod resource_name:*GET\\ /a\\**',
  );
});

test('duration limits are read in any unit and written in a short one', () => {
  expect(durationLimits('@duration:>=50ms duration:<2s')).toEqual({
    minNs: 50_000_000,
    maxNs: 1_999_999_999,
  });
  expect(durationLimits('duration:[1ms TO *]')).toEqual({ minNs: 1_000_000, maxNs: undefined });
  expect(withDuration('a duration:>1s b', { minNs: 2_500_000, maxNs: 1e9 })).toBe(
    'a @duration:[2.5ms TO 1s] b',
  );
  expect(withDuration('a', { minNs: 20_000, maxNs: undefined })).toBe('a @duration:>=20us');
  expect(withDuration('a', { minNs: undefined, maxNs: 500 })).toBe('a @duration:<=500ns');
  expect(withDuration('a @duration:>1s', { minNs: undefined, maxNs: undefined })).toBe('a');
  expect(durationText(1_500_000_000)).toBe('1.5s');
});

test('isSameFacet() knows aliases', () => {
  expect(isSameFacet('duration', '@duration')).toBe(true);
  expect(isSameFacet('name', 'operation_name')).toBe(true);
  expect(isSameFacet('http.method', '@http.method')).toBe(true);
  expect(isSameFacet('service', 'env')).toBe(false);
});

const word = fc.oneof(
  fc.constantFrom('a', 'b', 'AND', 'x y', '-z', 'q"r', '*', 'é:ü', '(', '\\'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
);
const typed = fc.constantFrom(
  '',
  '*',
  'x',
  'a OR b',
  'service:a OR service:b',
  'env:prod AND (a OR service:b)',
  '-service:(a, b) AND env:prod x',
  'x (service:a y) NOT service:b',
  'service:a* LEN(service):>3 resource:"GET /"',
);

test('what is chosen is what is read back, and the other clauses keep their meaning', () => {
  fc.assert(
    fc.property(
      typed,
      fc.uniqueArray(word, { maxLength: 3 }),
      fc.uniqueArray(word, { maxLength: 3 }),
      (q, included, excluded) => {
        const changed = withSelection(q, 'service', { included, excluded })!;
        const read = facetSelection(changed, 'service');
        expect([read.included, read.excluded]).toEqual([included, excluded]);
        expect(meaning(withSelection(changed, 'service', { included: [], excluded: [] })!)).toBe(
          meaning(withSelection(q, 'service', { included: [], excluded: [] })!),
        );
      },
    ),
  );
});

function meaning(q: string): string {
  const parsed = parseQuery(q);
  return parsed.ok ? formatQuery(parsed.query.tree) : `unreadable: ${q}`;
}
