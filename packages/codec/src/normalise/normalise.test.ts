import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseName } from './normalise-name.ts';
import { normaliseTag } from './normalise-tag.ts';
import { nameRule, serviceRule } from './span-text.ts';
import { truncatedEnd, truncateText } from './truncate-utf8.ts';

test.each([
  ['#test_starting_hash', 'test_starting_hash'],
  ['1love', 'love'],
  ['Test Conversion Of Weird !@#$%^&**() Characters', 'test_conversion_of_weird_characters'],
  ['Data🐨dog🐶 繋がっ⛰てて', 'data_dog_繋がっ_てて'],
  ['12.:trim@', ':trim'],
  [':::test', ':::test'],
  ['___trim', 'trim'],
  ['™Ö™Ö™™Ö™', 'ö_ö_ö'],
  ['---fun:k####y_ta@#g/1_@@#', 'fun:k_y_ta_g/1'],
  ['a'.repeat(888), 'a'.repeat(200)],
  [`a${'🐶'.repeat(799)}`, 'a'],
  [' ', ''],
  ['', ''],
  ['\u017f', '\u017f'],
  ['fine_already-1.0/x', 'fine_already-1.0/x'],
  ['trailing_', 'trailing'],
  ['a__b', 'a_b'],
  ['İstanbul', 'istanbul'],
])('normaliseTag(%j) is %j', (text, expected) => {
  expect(normaliseTag(text)).toBe(expected);
});

test('normaliseTag() has nothing left to do on its own results', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      const once = normaliseTag(text);
      expect(normaliseTag(once)).toBe(once);
    }),
  );
});

test.each([
  ['web.request', 'web.request'],
  ['9lives.of a-cat', 'lives.of_a_cat'],
  ['a__b', 'a_b'],
  ['a_.b', 'a.b'],
  ['a-.b', 'a.b'],
  ['trail__', 'trail'],
  ['繋', ''],
  ['123', ''],
  ['x'.repeat(150), 'x'.repeat(100)],
])('normaliseName(%j) is %j', (text, expected) => {
  expect(normaliseName(text)).toBe(expected);
});

test('a service is cut to 100 bytes between characters, then normalised', () => {
  const rule = serviceRule('unnamed-service');
  expect(rule(`${'a'.repeat(99)}é`)).toEqual({ text: 'a'.repeat(99), reason: 'ServiceTruncate' });
  expect(rule('a'.repeat(100))).toEqual({ text: 'a'.repeat(100), reason: '' });
  expect(rule('!!!')).toEqual({ text: 'unnamed-service', reason: 'ServiceInvalid' });
});

test('a name without a letter becomes unnamed_operation', () => {
  expect(nameRule('--')).toEqual({ text: 'unnamed_operation', reason: 'SpanNameInvalid' });
});

test('truncation never cuts a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, limit) => {
      const cut = truncateText(text.toWellFormed(), limit);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
      expect(text.toWellFormed().startsWith(cut)).toBe(true);
    }),
  );
  const bytes = Buffer.from('ab🐶');
  expect(truncatedEnd(bytes, 0, bytes.length, 4)).toBe(2);
  expect(truncatedEnd(bytes, 0, bytes.length, 6)).toBe(6);
});
