import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockDataDirectory } from './data-lock.ts';

test('a data directory belongs to one server at a time', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'spanloom-lock-'));
  {
    await using _lock = await lockDataDirectory(join(directory, 'data'));
    await expect(lockDataDirectory(join(directory, 'data'))).rejects.toThrow(
      /another Spanloom server is using it/,
    );
  }
  await using _again = await lockDataDirectory(join(directory, 'data'));
  rmSync(directory, { recursive: true });
});
