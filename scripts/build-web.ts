// Builds the pages into apps/web/dist. With --if-changed only when a source is newer than the last build. Run by `npm start`
// and `npm run build`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const stamp = join(root, 'apps', 'web', 'dist', '.built-from');

/** A digest of the names, sizes and times of everything the bundle is made from. */
function sourcesDigest(): string {
  const hash = createHash('sha256');
  const files = globSync(
    [
      'package-lock.json',
      'apps/web/{index.html,vite.config.ts,package.json}',
      'apps/web/{src,public}/**/*',
      'packages/{base,contract,flame,query}/src/**/*.ts',
    ],
    { cwd: root },
  ).toSorted();
  for (const file of files) {
    const facts = statSync(join(root, file));
    if (facts.isFile()) hash.update(`${file} ${facts.size} ${facts.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

const digest = sourcesDigest();
if (
  process.argv.includes('--if-changed') &&
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === digest
) {
  process.exit(0);
}
console.log('Building the pages ...');
const vite = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
  { cwd: join(root, 'apps', 'web'), stdio: 'inherit' },
);
if (vite.status !== 0) process.exit(vite.status ?? 1);
writeFileSync(stamp, digest);
