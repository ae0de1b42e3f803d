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
  ensureEngine();
  writeFileSync(stamp, wanted);
}

/**
 * Installs this platform's build of the database engine when the lock file does not name it: a lock file is written from one
 * registry's view, and not every mirror carries every platform's half gigabyte.
 */
function ensureEngine() {
  const name = `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  if (existsSync(join(root, 'node_modules', name))) return;
  const engine = JSON.parse(
    readFileSync(join(root, 'node_modules', 'chdb', 'package.json'), 'utf8'),
  );
  const version = engine.optionalDependencies?.[name];
  if (version === undefined) {
    console.error(
      `Cannot run here: the database engine has no build for ${process.platform} on ${process.arch}. ` +
        'Supported are Linux with glibc and macOS, on x64 and arm64; on Windows use WSL',
    );
    process.exit(1);
  }
  const result = spawnSync(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`],
    { cwd: root, stdio: 'inherit' },
  );
  if (result.status !== 0) {
    console.error(`Cannot install the database engine: npm install ${name}@${version} failed`);
    process.exit(1);
  }
}
