import { expect, test } from 'vitest';
import { serviceQuery } from './service-query.ts';

test('serviceQuery() asks for what enters a service, and for the calls of what was never entered', () => {
  const checkout = { service: 'checkout', inferred: false };
  const database = { service: 'shop', inferred: true };
  expect(serviceQuery(checkout, ['web'])).toBe('service:checkout');
  expect(serviceQuery({ ...checkout, service: 'my shop' }, [])).toBe('service:"my shop"');
  expect(serviceQuery(database, ['checkout'])).toBe('service:checkout kind:(client OR producer)');
  expect(serviceQuery(database, ['a', 'b c'])).toBe(
    'service:(a OR "b c") kind:(client OR producer)',
  );
});
