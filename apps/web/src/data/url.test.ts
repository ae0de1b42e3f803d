import { expect, test } from 'vitest';
import { carriedParams, parseSearch, readUrlParams, stringifySearch } from './url.ts';

test('a search part survives being written and read', () => {
  const params = {
    q: 'service:checkout @http.url:"/a b&c=d" -type:cache',
    from: 'now-1h',
    zoom: '10~20',
  };
  expect(parseSearch(stringifySearch(params))).toEqual(params);
});

test('what people read in a URL stays readable', () => {
  expect(stringifySearch({ q: 'service:web @a:b', zoom: '1~2' })).toBe(
    '?q=service:web%20@a:b&zoom=1~2',
  );
});

test('unknown and empty fields are dropped', () => {
  expect(readUrlParams({ q: '', env: 'prod', evil: 'x' })).toEqual({ env: 'prod' });
});

test('a query stays on its page, time and environment travel', () => {
  expect(carriedParams({ q: 'a:b', env: 'prod', from: 'now-1h', to: 'now' })).toEqual({
    env: 'prod',
    from: 'now-1h',
    to: 'now',
  });
});
