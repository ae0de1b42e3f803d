import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader, LogFrameReader } from './log-frames.ts';

function frame(text: string, epochMicros: bigint): Buffer {
  const message = Buffer.from(text);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0xa55a0003, 0);
  head.writeUInt32BE(message.byteLength, 4);
  head.writeBigUInt64BE(epochMicros, 8);
  return Buffer.concat([head, message]);
}

test('LogFrameReader keeps a message of several lines whole, with its time', () => {
  const seen: [string, number][] = [];
  const reader = new LogFrameReader((text, epochMs) => seen.push([text, epochMs]));
  reader.push(frame('one\ntwo\n', 1_700_000_000_123_456n));
  expect(seen).toEqual([['one\ntwo\n', 1_700_000_000_123]]);
});

test('LogFrameReader does not care where the chunks are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' })),
      fc.integer({ min: 1, max: 40 }),
      (texts, size) => {
        const bytes = Buffer.concat(texts.map((text) => frame(text, 1000n)));
        const seen: string[] = [];
        const reader = new LogFrameReader((text) => seen.push(text));
        for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
        expect(seen).toEqual(texts.map((text) => Buffer.from(text).toString()));
      },
    ),
  );
});

test('LogFrameReader shows what is no frame as text', () => {
  const seen: string[] = [];
  new LogFrameReader((text) => seen.push(text)).push(Buffer.from('not a frame'));
  expect(seen).toEqual(['not a frame']);
});

test('LineReader does not cut characters, and hands out the last line without a break', () => {
  const seen: string[] = [];
  const reader = new LineReader((line) => seen.push(line));
  for (const byte of Buffer.from('größe\n\nende')) reader.push(Buffer.from([byte]));
  expect(seen).toEqual(['größe', '']);
  reader.end();
  expect(seen).toEqual(['größe', '', 'ende']);
});
