import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StringTable } from './string-table.ts';

function intern(table: StringTable, text: string): number {
  // Behind other bytes: a payload's texts do not begin at its start.
  const bytes = Buffer.from(`xyz${text}!`);
  return table.intern(bytes, 3, bytes.length - 1);
}

test('the same text has the same number, and every number its text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 300 }),
      (raw) => {
        const texts = raw.map((text) => text.toWellFormed());
        const table = new StringTable();
        const numbers = texts.map((text) => intern(table, text));
        texts.forEach((text, i) => {
          expect(table.text(numbers[i]!)).toBe(text);
          expect(table.bytes(numbers[i]!).toString()).toBe(text);
          expect(table.internText(text)).toBe(numbers[i]);
          expect(table.find(text)).toBe(numbers[i]);
        });
        expect(table.size).toBe(new Set(['', ...texts]).size);
      },
    ),
  );
});

test('number 0 is the empty text', () => {
  const table = new StringTable();
  expect(table.intern(new Uint8Array(5), 2, 2)).toBe(0);
  expect(table.text(0)).toBe('');
});

test('equals() compares every byte, whatever the length', () => {
  const table = new StringTable();
  for (let length = 1; length < 20; length++) {
    const text = 'abcdefghijklmnopqrst'.slice(0, length);
    const number = intern(table, text);
    for (let at = 0; at < length; at++) {
      const other = Buffer.from(`  ${text}`);
      expect(table.equals(number, other, 2, other.length)).toBe(true);
      other[at + 2] = 0x21;
      expect(table.equals(number, other, 2, other.length)).toBe(false);
    }
    expect(table.equals(number, Buffer.from(`${text}u`), 0, length + 1)).toBe(false);
  }
});

test('find() adds nothing', () => {
  const table = new StringTable();
  expect(table.find('new')).toBe(-1);
  expect(table.size).toBe(1);
});

test('bytes that are not UTF-8 are mended and counted', () => {
  const table = new StringTable();
  const number = table.intern(Uint8Array.of(0x61, 0xff), 0, 2);
  expect(table.text(number)).toBe('a\ufffd');
  expect(table.replaced).toBe(1);
});

test('thousands of texts are all found again', () => {
  const table = new StringTable();
  for (let i = 0; i < 5_000; i++) intern(table, `key-${i}`);
  for (let i = 0; i < 5_000; i++) expect(table.find(`key-${i}`)).toBe(i + 1);
});

test('the encoded form is every text behind its length', () => {
  const table = new StringTable();
  intern(table, 'ab');
  intern(table, 'c');
  expect([...table.encoded.view()]).toEqual([0, 2, 0x61, 0x62, 1, 0x63]);
});
