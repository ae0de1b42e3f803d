import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextColumn } from './text-column.ts';

function append(column: TextColumn, text: string): void {
  const bytes = Buffer.from(`..${text}.`);
  column.append(bytes, 2, bytes.length - 1);
}

test('every entry reads back, short or long', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ minLength: 100, maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 400 }), (raw) => {
      const texts = raw.map((item) => item.toWellFormed());
      const column = new TextColumn();
      for (const item of texts) append(column, item);
      expect(texts.map((_, i) => column.text(i))).toEqual(texts);
      expect(column.replaced).toBe(0);
    }),
  );
});

test.each([1, 5, 127, 128, 200])('bad UTF-8 in %i bytes is mended and counted once', (length) => {
  const column = new TextColumn();
  const bytes = Buffer.alloc(length, 0x61);
  bytes[length - 1] = 0xff;
  column.append(bytes, 0, length);
  append(column, 'next');
  expect(column.text(0)).toBe(`${'a'.repeat(length - 1)}\ufffd`);
  expect(column.text(1)).toBe('next');
  expect([column.length, column.replaced]).toEqual([2, 1]);
});

test('truncate() forgets entries and their bytes', () => {
  const column = new TextColumn();
  append(column, 'a');
  append(column, 'bc');
  column.appendEmpty();
  column.truncate(1);
  append(column, 'd');
  expect([column.text(0), column.text(1), column.length]).toEqual(['a', 'd', 2]);
  expect([...column.encoded.view()]).toEqual([1, 0x61, 1, 0x64]);
});

test('bytes are kept as they are', () => {
  const column = new TextColumn();
  column.appendBytes(Uint8Array.of(0xff, 0xfe), 0, 2);
  expect([...column.bytes(0)]).toEqual([0xff, 0xfe]);
  expect(column.replaced).toBe(0);
});
