// Makes node_modules match package-lock.json; does nothing when it already does. Used by start.mjs and test.mjs, which a machine
// with nothing but Node and npm runs first: so plain JavaScript for Node 20, and only built-in modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

/** The Node.js this project runs on: the pinned dev dependency, whatever the machine's own version is. */
export const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** Installs dependencies when the lock file changed since the last time. Exits the process when that fails. */
export function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.spanloom-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (have === wanted && existsSync(pinnedNode)) return;
  console.log('Installing dependencies (the first time takes a minute or two) ...');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error('Cannot install dependencies: npm ci failed; see its message above');
    process.exit(1);
  }
  if (!existsSync(pinnedNode)) {
    console.error(
      'Cannot find the pinned Node.js after npm ci. Its install script was not allowed to run: ' +
        'run "npm config set ignore-scripts false" and start again',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
