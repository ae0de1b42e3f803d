import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { requireKnownHost } from './known-host.ts';

function statusFor(host: string, token?: string): Promise<number> {
  const app = new Hono();
  app.use('*', requireKnownHost(token));
  app.get('/', (c) => c.text('here'));
  return Promise.resolve(app.request('/', { headers: { host } })).then(({ status }) => status);
}

test.each([
  'localhost:7070',
  '127.0.0.1:7070',
  '[::1]:7070',
  'shop.localhost',
  '192.168.1.20:7070',
])('without a token, %s is answered', async (host) => {
  expect(await statusFor(host)).toBe(200);
});

test('without a token, a name that only points here is refused; with one it is a name like any other', async () => {
  expect(await statusFor('rebound.example.com:7070')).toBe(403);
  expect(await statusFor('rebound.example.com:7070', 'secret')).toBe(200);
});
