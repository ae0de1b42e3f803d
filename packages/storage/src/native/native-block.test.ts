import { StringTable, TextColumn, TextMapColumn } from '@spanloom/model';
import { expect, test } from 'vitest';
import { NativeBlock } from './native-block.ts';

function bytes(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

test('a block of numbers and texts is what the format says', () => {
  const block = new NativeBlock(2, 2);
  block.numbers('x', 'UInt16', Uint16Array.of(1, 258, 9));
  const texts = new TextColumn();
  texts.appendText('a');
  texts.appendText('');
  block.text('t', texts);
  expect([...block.finish()]).toEqual(
    [
      [2, 2],
      bytes('x'),
      bytes('UInt16'),
      [1, 0, 2, 1],
      bytes('t'),
      bytes('String'),
      [1, 97, 0],
    ].flat(),
  );
});

test('a dictionary column carries its table and the narrowest indexes that fit', () => {
  const table = new StringTable();
  const index = table.internText('ab');
  const block = new NativeBlock(1, 2);
  block.dictionary('d', table, Uint32Array.of(index, 0, 77));
  expect([...block.finish()]).toEqual(
    [
      [1, 2],
      bytes('d'),
      bytes('LowCardinality(String)'),
      [1, 0, 0, 0, 0, 0, 0, 0],
      [0, 6, 0, 0, 0, 0, 0, 0],
      [2, 0, 0, 0, 0, 0, 0, 0],
      [0, 2, 97, 98],
      [2, 0, 0, 0, 0, 0, 0, 0],
      [1, 0],
    ].flat(),
  );
});

test('a map without any entry has ends and nothing else', () => {
  const map = new TextMapColumn();
  map.endRow();
  const block = new NativeBlock(1, 1);
  block.textMap('m', map);
  expect([...block.finish()]).toEqual(
    [
      [1, 1],
      bytes('m'),
      bytes('Map(LowCardinality(String), String)'),
      [1, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ].flat(),
  );
});

test('the same number in every row is written in full', () => {
  const block = new NativeBlock(1, 2);
  block.constant64('s', 'UInt64', 2 ** 33 + 5);
  const word = [5, 0, 0, 0, 2, 0, 0, 0];
  expect([...block.finish()]).toEqual([1, 2, ...bytes('s'), ...bytes('UInt64'), ...word, ...word]);
});

test('a block that lacks a column, or a column that lacks rows, is refused', () => {
  expect(() => new NativeBlock(1, 0).finish()).toThrow(
    'Cannot finish a block of 1 columns: 0 were written',
  );
  expect(() => new NativeBlock(1, 3).text('t', new TextColumn())).toThrow(
    'Cannot write 3 texts: the column holds 0',
  );
});
