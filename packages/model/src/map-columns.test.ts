import { expect, test } from 'vitest';
import { NumberMapColumn, TextMapColumn } from './map-columns.ts';

function textRows(map: TextMapColumn): string[][] {
  return Array.from({ length: map.rows }, (_, row) => {
    const entries: string[] = [];
    for (let entry = map.start(row); entry < map.end(row); entry++) {
      entries.push(`${map.keys.text(map.keyIndex[entry]!)}=${map.values.text(entry)}`);
    }
    return entries;
  });
}

function filled(): TextMapColumn {
  const map = new TextMapColumn();
  const [a, b] = [map.keys.internText('a'), map.keys.internText('b')];
  map.appendText(a, '1');
  map.appendText(b, '2');
  map.endRow();
  map.endRow();
  map.appendText(b, '3');
  map.endRow();
  return map;
}

test('entries belong to the row that was open', () => {
  expect(textRows(filled())).toEqual([['a=1', 'b=2'], [], ['b=3']]);
});

test('replace() changes one entry of the open row and keeps those behind it', () => {
  const map = filled();
  const key = map.keys.internText('a');
  map.appendText(key, 'old');
  map.appendText(map.keys.internText('b'), 'kept');
  map.replace(map.entryOf(3, key), Buffer.from('newer'), 0, 5);
  map.replaceBytes(map.entryOf(3, map.keys.find('b')), Uint8Array.of(0x78), 0, 1);
  map.endRow();
  expect(textRows(map).at(-1)).toEqual(['a=newer', 'b=x']);
});

test('addToRows() gives the key to the rows that lack it', () => {
  const map = filled();
  map.addToRows(0, 2, map.keys.internText('a'), Buffer.from('late'));
  expect(textRows(map)).toEqual([['a=1', 'b=2'], ['a=late'], ['b=3']]);
});

test('truncate() forgets rows, finished and open', () => {
  const map = filled();
  map.appendText(1, 'open');
  map.truncate(1);
  map.appendText(map.keys.internText('c'), '4');
  map.endRow();
  expect(textRows(map)).toEqual([['a=1', 'b=2'], ['c=4']]);
});

test('numbers: entries, late entries and truncation', () => {
  const map = new NumberMapColumn();
  const key = map.keys.internText('n');
  map.append(key, 0.5);
  map.endRow();
  map.endRow();
  map.addToRows(0, 2, key, 7);
  expect([map.values[map.entryOf(0, key)], map.values[map.entryOf(1, key)]]).toEqual([0.5, 7]);
  map.truncate(1);
  expect([map.rows, map.entries]).toEqual([1, 1]);
  for (let i = 0; i < 3_000; i++) map.append(key, i);
  map.endRow();
  expect(map.values[map.end(1) - 1]).toBe(2_999);
});
