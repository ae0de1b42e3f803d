import { expect, test } from 'vitest';
import { isInNetwork, parseNetwork } from './ip-network.ts';

test.each([
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3/32', '10.1.2.2', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '::1', false],
  ['0.0.0.0/0', '010.1.2.3', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['::ffff:0:0/96', '::ffff:10.1.2.3', true],
  ['::/0', 'fe80::1%eth0', false],
])('%s holds %s: %j', (network, address, expected) => {
  const parsed = parseNetwork(network);
  expect(parsed && isInNetwork(address, parsed)).toBe(expected);
});

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0/8',
  '256.0.0.1',
  '2001:db8::/129',
  '1::2::3',
  '1:2:3:4:5:6:7',
  'x',
])('parseNetwork() does not read %j', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});
