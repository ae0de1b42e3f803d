import { describe, expect, test } from 'vitest';
import { itemParts, pointerHash, spanPointers } from './span-pointers.ts';
import { tagPayload } from './payload-tags.ts';
import { statusOf } from './status.ts';

const object = (key: string, eTag?: string): object => ({
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'some-bucket' }, object: { key, eTag } },
});

const hashes = (event: object): unknown[] =>
  spanPointers(event as never).map((link) => link.attributes?.['ptr.hash']);

const item = (Keys: object): object => ({
  eventName: 'MODIFY',
  eventSourceARN: 'arn:aws:dynamodb:eu-west-1:1:table/some-table/stream/x',
  dynamodb: { Keys },
});

describe('span pointers', () => {
  test('hashes are those that producers compute', () => {
    expect(pointerHash(['some-bucket', 'some-key.data', 'ab12ef34'])).toBe(
      'e721375466d4116ab551213fdea08413',
    );
    expect(pointerHash(['some-bucket', 'some-key.你好', 'ab12ef34'])).toBe(
      'd1333a04b9928ab462b5c6cadfa401f4',
    );
    expect(pointerHash(['some-table', 'some-key', 'some-value', '', ''])).toBe(
      '7f1aee721472bcb48701d45c7c7f7821',
    );
    expect(pointerHash(['some-table', 'other-key', '123', 'some-key', 'some-value'])).toBe(
      '7aa1b80b0e49bd2078a5453399f4dd67',
    );
  });

  test('a quoted etag, a missing one, several records', () => {
    expect(
      hashes({
        Records: [
          object('some-key.data', '"ab12ef34"'),
          object('x'),
          object('some-key.data', 'ab12ef34'),
        ],
      }),
    ).toEqual(['e721375466d4116ab551213fdea08413', 'e721375466d4116ab551213fdea08413']);
  });

  test('an encoded key gives a second one for the key as it was written (D20)', () => {
    expect(hashes({ Records: [object('some-key.%E4%BD%A0%E5%A5%BD', 'ab12ef34')] })).toEqual([
      pointerHash(['some-bucket', 'some-key.%E4%BD%A0%E5%A5%BD', 'ab12ef34']),
      'd1333a04b9928ab462b5c6cadfa401f4',
    ]);
  });

  test('items by their keys, sorted by name; more than two keys are no item', () => {
    expect(
      hashes({ Records: [item({ 'some-key': { S: 'some-value' }, 'other-key': { N: '123' } })] }),
    ).toEqual(['7aa1b80b0e49bd2078a5453399f4dd67']);
    expect(hashes({ Records: [item({ a: { S: '1' }, b: { S: '2' }, c: { S: '3' } })] })).toEqual(
      [],
    );
    expect(hashes({ Records: [item({ a: { BOOL: true } })] })).toEqual([]);
  });
});

function tagged(value: unknown, depth = 10): Record<string, unknown> {
  const tags: Record<string, unknown> = {};
  tagPayload({ setTag: (key, one) => (tags[key] = one) }, 'function.request', value, depth);
  return tags;
}

test('a writer of an item hashes what its reader will', () => {
  const parts = itemParts('some-table', {
    'some-key': { S: 'some-value' },
    'other-key': { N: '123' },
  });
  expect(pointerHash(parts ?? [])).toBe('7aa1b80b0e49bd2078a5453399f4dd67');
  const written = pointerHash(itemParts('t', { id: { B: new Uint8Array([1, 2, 3]) } }) ?? []);
  const read = {
    eventName: 'INSERT',
    eventSourceARN: 'arn:aws:dynamodb:r:1:table/t/stream/x',
    dynamodb: { Keys: { id: { B: 'AQID' } } },
  };
  expect(hashes({ Records: [read] })).toContain(written);
});

describe('tagPayload()', () => {
  test('one tag per leaf, JSON in texts taken apart, secrets hidden in any case and of any type', () => {
    expect(
      tagged({
        a: { b: [1, true, null] },
        body: '{"Password":"x","n":1}',
        headers: { Authorization: 'Bearer x', Cookie: ['a'] },
      }),
    ).toEqual({
      'function.request.a.b.0': '1',
      'function.request.a.b.1': 'true',
      'function.request.body.Password': 'redacted',
      'function.request.body.n': '1',
      'function.request.headers.Authorization': 'redacted',
      'function.request.headers.Cookie': 'redacted',
    });
  });

  test('numbers in quotes keep their digits (D14)', () => {
    expect(tagged({ id: '5827606813695714842' })).toEqual({
      'function.request.id': '5827606813695714842',
    });
  });

  test('too deep is text, with its secrets hidden', () => {
    expect(tagged({ a: { token: 'x', b: 1 } }, 1)).toEqual({
      'function.request.a': '{"token":"redacted","b":1}',
    });
  });

  test('what has no end has one here', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(Object.keys(tagged(circle)).length).toBe(1);
    const wide = tagged(Array.from({ length: 5000 }, (_, i) => i));
    expect(Object.keys(wide).length).toBe(1001);
    expect(wide['function.request._truncated']).toBe('true');
    expect(tagged({ big: 10n })).toEqual({ 'function.request.big': '10' });
  });
});

test.each([
  [undefined, false, '502'],
  [undefined, true, '200'],
  [null, false, '200'],
  [{}, false, '200'],
  ['text', false, '200'],
  [{ statusCode: 0 }, false, '200'],
  [{ statusCode: '500' }, false, '500'],
  [{ statusCode: 504 }, false, '504'],
])('statusOf(%j, streaming %j) is %s', (result, streaming, status) => {
  expect(statusOf(result, streaming)).toBe(status);
});
