import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TemporaryFolder } from '../temporary.testing.ts';
import type { ReplaceFindings } from './replace-process.testing.ts';

/** Where the process is killed, at which of its passes, and which version the log has by then. */
const kills: readonly { at: string; newest: 'v2' | 'v3' }[] = [
  { at: 'before-keys:2', newest: 'v2' },
  { at: 'before-versions:2', newest: 'v2' },
  { at: 'before-supersede:2', newest: 'v2' },
  { at: 'after-inserts:3', newest: 'v3' },
  { at: 'before-sweep:1', newest: 'v3' },
  { at: 'between-sweep-deletes:1', newest: 'v3' },
  { at: 'before-sweep-notes:1', newest: 'v3' },
  { at: 'between-sweep-notes:1', newest: 'v3' },
];

const spansOf = { v2: [2, 3], v3: [3, 4] } as const;

function start(mode: 'write' | 'read', directory: string, failpoint = '') {
  return spawnSync(
    process.execPath,
    [
      '--conditions=@spanloom/source',
      join(import.meta.dirname, 'replace-process.testing.ts'),
      mode,
      directory,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, SPANLOOM_FAILPOINT: failpoint, UV_THREADPOOL_SIZE: '16' },
    },
  );
}

test.each(kills)(
  'after a kill at $at the newest version is there once and the others go',
  ({ at, newest }) => {
    using folder = new TemporaryFolder();
    const killed = start('write', folder.path, at);
    expect(killed.signal, killed.stderr).toBe('SIGKILL');
    const read = start('read', folder.path);
    expect(read.status, read.stderr).toBe(0);
    const rows = spansOf[newest].map((span) => `${span} ${newest}`);
    expect(JSON.parse(read.stdout)).toEqual({
      before: rows,
      after: rows,
      rows: [2, 2, 1, 0],
      keys: 1,
    } satisfies ReplaceFindings);
  },
);
