import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTarget, printablePath, queryParameter } from './request-target.ts';

describe('parseTarget()', () => {
  test.each([
    ['/v0.4/traces', '/v0.4/traces', undefined, ''],
    ['//v0.4/traces', '/v0.4/traces', undefined, ''],
    ['/v0.4///traces//?a=b', '/v0.4/traces', undefined, 'a=b'],
    ['/', '/', undefined, ''],
    ['//', '/', undefined, ''],
    ['/t/abc/v0.4/traces', '/v0.4/traces', 'abc', ''],
    ['/t/abc', '/', 'abc', ''],
    ['/t/', '/t', undefined, ''],
    ['/traces?x=/t/abc/', '/traces', undefined, 'x=/t/abc/'],
    ['http://host:1/info?x', '/info', undefined, 'x'],
    ['http://host', '/', undefined, ''],
    ['*', '/', undefined, ''],
  ])('%s', (url, path, token, query) => {
    expect(parseTarget(url)).toEqual({ path, token, query });
  });

  test('gives a clean path for any text', () => {
    fc.assert(
      fc.property(fc.string(), (url) => {
        const { path } = parseTarget(url);
        expect(path).toMatch(/^\//);
        expect(path).not.toMatch(/\/\/|\?|.\/$/);
      }),
    );
  });
});

test('queryParameter() decodes and takes the first', () => {
  expect(queryParameter('a=1&api_key=x%20y&api_key=z', 'api_key')).toBe('x y');
  expect(queryParameter('api_keys=1', 'api_key')).toBeUndefined();
  expect(queryParameter('', 'api_key')).toBeUndefined();
});

test('printablePath() hides keys and strange characters', () => {
  expect(printablePath('/api/0123456789ABCDEF0123456789abcdef/x')).toBe('/api/:key/x');
  expect(printablePath('/a b\n"c')).toBe('/a_b__c');
  expect(printablePath(`/${'a/'.repeat(200)}`)).toHaveLength(81);
});
