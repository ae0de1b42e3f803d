import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDatagram } from './xray-datagram.ts';

function parse(text: string): ReturnType<typeof parseDatagram> {
  return parseDatagram(Buffer.from(text, 'utf8'));
}

test.each([
  '{"format":"json","version":1}\n{"id":"a"}',
  '{"format": "json", "version": 1}\n{"id":"a"}',
  '{ "version" : 1, "format" : "JSON", "more": true }\r\n{"id":"a"}',
])('parseDatagram(%j) finds the document', (text) => {
  const parsed = parse(text);
  expect(parsed.ok && Buffer.from(parsed.document).toString()).toBe('{"id":"a"}');
});

test('parseDatagram() ends the header at the first line feed only', () => {
  const parsed = parse('{"format":"json","version":1}\n{\n"id":\n"a"\n}\n');
  expect(parsed.ok && Buffer.from(parsed.document).toString()).toBe('{\n"id":\n"a"\n}\n');
});

test.each([
  ['', 'Empty'],
  ['{"format":"json","version":1}', 'HeaderMissing'],
  [`{"format":"json","version":1,"x":"${'a'.repeat(2000)}"}\n{}`, 'HeaderMissing'],
  ['{"id":"a"\n}', 'HeaderNotJson'],
  ['\n{}', 'HeaderNotJson'],
  ['null\n{}', 'HeaderNotJson'],
  ['[]\n{}', 'FormatUnknown'],
  ['{"version":1}\n{}', 'FormatUnknown'],
  ['{"format":"protobuf","version":1}\n{}', 'FormatUnknown'],
  ['{"format":"json"}\n{}', 'VersionUnknown'],
  ['{"format":"json","version":2}\n{}', 'VersionUnknown'],
  ['{"format":"json","version":"1"}\n{}', 'VersionUnknown'],
  ['{"format":"json","version":1}\n', 'DocumentMissing'],
  ['{"format":"json","version":1}\n \r\n\t', 'DocumentMissing'],
])('parseDatagram(%j) is refused: %s', (text, problem) => {
  expect(parse(text)).toEqual({ ok: false, problem });
});

test('parseDatagram() says something about any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(typeof parseDatagram(bytes).ok).toBe('boolean');
    }),
  );
});
