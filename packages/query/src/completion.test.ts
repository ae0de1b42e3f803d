import { expect, test } from 'vitest';
import { completion } from './completion.ts';

const keys = [
  { name: 'user.id', description: 'text' },
  { name: 'order id' },
  { name: 'http.user_agent' },
];

function inserts(text: string, caret = text.length): readonly string[] {
  return completion(text, caret, keys).items.map((item) => item.insert);
}

test('completion() offers reserved keys and then supplied ones at the start of a term', () => {
  const all = inserts('');
  expect(all[0]).toBe('service:');
  expect(all.slice(-3)).toEqual(['@user.id:', '@order\\ id:', '@http.user_agent:']);
});

test('completion() puts keys that start with what was typed before those that contain it', () => {
  expect(inserts('us')).toEqual(['@user.id:', 'status:', '@http.user_agent:']);
  expect(inserts('@us')).toEqual(['@user.id:', '@http.user_agent:']);
});

test('completion() replaces the word before the caret only', () => {
  expect(completion('a serv OR b', 6, keys)).toMatchObject({
    start: 2,
    end: 6,
    items: [{ insert: 'service:', kind: 'key' }],
  });
});

test('completion() offers the values of keys that have few', () => {
  expect(inserts('status:')).toEqual(['ok', 'error']);
  expect(inserts('kind:c')).toEqual(['client', 'consumer']);
  expect(completion('kind:c', 6, keys)).toMatchObject({ start: 5, end: 6, valueFor: 'kind' });
});

test('completion() names the key whose values the caller may know', () => {
  expect(completion('@user.id:', 9, keys)).toEqual({
    start: 9,
    end: 9,
    items: [],
    valueFor: '@user.id',
  });
});

test('completion() offers keywords behind a term', () => {
  expect(inserts('a O')).toContain('OR ');
  expect(inserts('O')).not.toContain('OR ');
});
