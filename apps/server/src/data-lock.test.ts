import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockDataDirectory } from './data-lock.ts';

test('a data directory belongs to one server at a time', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'spanloom-lock-'));
  const first = await lockDataDirectory(join(directory, 'data'));
  await expect(lockDataDirectory(join(directory, 'data'))).rejects.toThrow(
    /another Spanloom server is using it/,
  );
  await first[Symbol.asyncDispose]();
  const second = await lockDataDirectory(join(directory, 'data'));
  await second[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});
