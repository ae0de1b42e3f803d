import { DecodeError } from '@spanloom/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberText, xrayJson, XRayJsonReader, type XRayValue } from './xray-json.ts';

function read(text: string): XRayValue {
  const reader = new XRayJsonReader(text);
  const value = reader.value();
  reader.finish();
  return value;
}

function problemOf(text: string): DecodeError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`${text} was read`);
}

function nested(levels: number, inner: string): string {
  return '['.repeat(levels) + inner + ']'.repeat(levels);
}

describe('XRayJsonReader', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(JSON.parse(xrayJson(read(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('refuses what JSON.parse refuses', () => {
    const character = fc.constantFrom(...'{}[]:,"\\0123.eE+-tfnul \n\u0001ü'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        let expected = true;
        try {
          JSON.parse(text);
        } catch {
          expected = false;
        }
        if (expected) expect(() => read(text)).not.toThrow();
        else expect(() => read(text)).toThrow(DecodeError);
      }),
      { numRuns: 5_000 },
    );
  });

  test('keeps numbers as they are written', () => {
    for (const text of ['1.50', '-0', '1E+3', '9007199254740993', '1.7271771562500002E9'])
      expect(read(text)).toEqual(new NumberText(text));
  });

  test('keeps a member called like a property of all objects', () => {
    const value = read('{"__proto__":{"a":1},"constructor":2,"toString":"x"}') as Record<
      string,
      XRayValue
    >;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(read('{}') as object).not.toHaveProperty('a');
  });

  test.each([
    ['{"ü": nope}', 8, 'expected null, found "o"'],
    ['["🛒" 1]', 8, 'expected "," or "]", found "1"'],
    ['"a\\q"', 2, 'an escape in a string that JSON does not know'],
    ['"a\nb"', 2, 'a control character inside a string'],
    ['01', 1, 'expected the end of the body, found "1"'],
    ['[1,]', 3, 'expected another value after ",", found "]"'],
    ['{"a" 1}', 5, 'expected ":", found "1"'],
    ['{a}', 1, 'expected a key, found "a"'],
    ['1.x', 2, 'expected a digit, found "x"'],
  ])('%j is refused at byte %d', (text, offset, problem) => {
    expect(problemOf(text)).toMatchObject({ offset, problem });
  });

  test.each(['', ' ', '{', '{"a"', '{"a":', '["', '"\\', '"\\u12', '-', '1e', 'tru', '[1'])(
    '%j ends too early',
    (text) => {
      expect(problemOf(text)).toMatchObject({ reason: 'EOF', offset: text.length });
    },
  );

  test('values 64 deep are read; what is deeper stays text', () => {
    expect(xrayJson(read(nested(64, '1')))).toBe(nested(64, '1'));
    expect(xrayJson(read(nested(64, '{"a":["]",2]}')))).toBe(
      nested(64, JSON.stringify('{"a":["]",2]}')),
    );
    expect(xrayJson(read(nested(10_000, '1')))).toBe(
      nested(64, JSON.stringify(nested(9_936, '1'))),
    );
    expect(problemOf('['.repeat(100)).reason).toBe('EOF');
  });
});
