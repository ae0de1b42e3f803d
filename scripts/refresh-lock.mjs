// `npm run lock`, after a change of dependencies: writes package-lock.json anew from the manifests alone. npm leaves out other
// platforms' optional packages when it writes a lock file beside an existing node_modules, and `npm ci` then fails for everybody.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'spanloom-lock-'));
try {
  for (const file of [
    '.npmrc',
    'package.json',
    ...globSync('{packages,apps}/*/package.json', { cwd: root }),
    ...globSync('{tests,demo}/package.json', { cwd: root }),
  ]) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    cpSync(join(root, file), join(scratch, file));
  }
  const { status } = spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], {
    cwd: scratch,
    stdio: 'inherit',
  });
  if (status !== 0)
    throw new Error('npm install --package-lock-only failed; see its message above');
  copyFileSync(join(scratch, 'package-lock.json'), join(root, 'package-lock.json'));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
