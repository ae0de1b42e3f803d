import { expect, test } from 'vitest';
import { ACCOUNT, NOON } from './testing/harness.ts';
import { LocalWorld, PLACE } from './testing/local-world.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const OTHER = '999900001111';

test("an account for which another's credentials are found is not read, and says why", async () => {
  let key = PLACE.account;
  await using world = await LocalWorld.start({
    keyOf: () => key,
    crawler: { accounts: [{ ...ACCOUNT, id: OTHER }] },
  });
  const { harness, xray } = world;
  const id = traceId(NOON, 1);
  xray.put(PLACE.account, PLACE.region, [JSON.parse(segment(id, NOON)) as never]);
  await harness.crawler.start();
  await harness.pacer.pass(25 * MINUTE);
  expect(harness.status()).toMatchObject({
    state: 'failing',
    checkpoint: null,
    problem: {
      name: 'WrongAccount',
      message: expect.stringContaining('are of account 111122223333, not of 999900001111'),
      missing_action: null,
      fix: 'Configure a role_arn of account 999900001111, or give the server credentials of that account',
    },
  });
  expect(harness.written).toEqual([]);
  const made = new Set(xray.calls.all.map(({ operation }) => operation));
  expect([...made]).toEqual(['GetCallerIdentity']);

  // Renewed, they are the account's own.
  key = OTHER;
  await harness.pacer.pass(15 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });

  // And then another's once more: what was read before stays, and nothing is read.
  xray.put(PLACE.account, PLACE.region, [
    JSON.parse(segment(traceId(harness.pacer.now(), 2), harness.pacer.now())) as never,
  ]);
  key = PLACE.account;
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'failing', problem: { name: 'WrongAccount' } });
  expect(harness.written).toEqual([]);
});
