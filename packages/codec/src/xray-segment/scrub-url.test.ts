import { expect, test } from 'vitest';
import { routeOf, scrubConnection, scrubUrl, urlParts } from './scrub-url.ts';

test.each([
  [
    'https://api.example.test/prod/orders?x=1&token=abc',
    'https://api.example.test/prod/orders?x&token',
  ],
  ['https://user:pass@host.test/a#frag', 'https://host.test/a'],
  ['/orders?secret=1', '/orders?secret'],
  ['https://host.test/a?', 'https://host.test/a'],
  ['https://host.test/mail/a@b', 'https://host.test/mail/a@b'],
  ['https://host.test:8080/mail/a@b', 'https://host.test:8080/mail/a@b'],
  ['https://host.test/a?mail=x:y@z', 'https://host.test/a?mail'],
  ['https://user:pa/ss?w@host.test/a', 'https://host.test/a'],
  ['', ''],
])('scrubUrl(%j)', (url, expected) => {
  expect(scrubUrl(url)).toBe(expected);
});

test('scrubUrl() cuts at 2 kB', () => {
  expect(scrubUrl(`https://host.test/${'a'.repeat(5000)}`)).toHaveLength(2048);
});

test.each([
  ['postgresql://app:pw@db.test:5432/shop', 'postgresql://db.test:5432/shop'],
  ['postgres://user:pa/ss@db.test/shop', 'postgres://db.test/shop'],
  ['postgres://user:pa#s?s@db.test/shop', 'postgres://db.test/shop'],
  ['user:pw@tcp(db.test:3306)/shop', 'tcp(db.test:3306)/shop'],
  ['jdbc:mysql://app:pw@db.test/shop', 'jdbc:mysql://db.test/shop'],
  ['Server=db;User=app;Password=p w;Timeout=3', 'Server=db;User=app;Password=?;Timeout=3'],
  ['host=db password=p w user=app', 'host=db password=? user=app'],
  ['Server=db;Pwd="a;b";x=1', 'Server=db;Pwd=?;x=1'],
])('scrubConnection(%j)', (text, expected) => {
  expect(scrubConnection(text)).toBe(expected);
});

test('urlParts() takes what is there', () => {
  expect(urlParts('https://a.test:81/x?y=1')).toEqual({ host: 'a.test:81', path: '/x' });
  expect(urlParts('https://a.test')).toEqual({ host: 'a.test', path: '/' });
  expect(urlParts('/only/path')).toEqual({ host: '', path: '/only/path' });
  expect(urlParts('what?')).toEqual({ host: '', path: '' });
});

test('routeOf() gives all requests of a route one name', () => {
  expect(routeOf('/v2/orders/123/items/0b8a2f6e-1111-4222-8333-444455556666')).toBe(
    '/v2/orders/?/items/?',
  );
  expect(routeOf('/users/66f2a1c48f3b0c5e/profile')).toBe('/users/?/profile');
  expect(routeOf('/orders/checkout-with-card')).toBe('/orders/checkout-with-card');
});
