import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { floorPlan, nextRelease, urlVariable } from './floor-plan.ts';

test('nextRelease() raises the patch number up to four, then the minor number', () => {
  expect(nextRelease('4.6.0')).toBe('4.6.1');
  expect(nextRelease('4.6.3')).toBe('4.6.4');
  expect(nextRelease('4.6.4')).toBe('4.7.0');
});

test('urlVariable() gives each process of each environment a variable of its own', () => {
  expect(urlVariable('staging', 'order-queue')).toBe('STAGING_ORDER_QUEUE_URL');
  const variables = floorPlan.map(({ env, name }) => urlVariable(env, name));
  expect(new Set(variables).size).toBe(floorPlan.length);
});

test('floorPlan names only processes that have a file', () => {
  const missing = floorPlan.filter(
    ({ name }) => !existsSync(join(import.meta.dirname, 'services', `${name}.ts`)),
  );
  expect(missing).toEqual([]);
});
