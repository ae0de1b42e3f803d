// `npm run bench`: every benchmark beside the code, then the server end to end. Figures and method: docs/benchmarks.md.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

function run(name: string, args: readonly string[]): void {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

const only = process.argv.slice(2);
run('Benchmarks beside the code', [
  join(root, 'node_modules/vitest/vitest.mjs'),
  'bench',
  '--run',
  '--project=bench',
  ...only,
]);
if (only.length === 0) {
  for (const args of [
    ['--shape', 'service'],
    ['--shape', 'serverless'],
    ['--shape', 'service', '--rate', '5000'],
  ]) {
    run(`End to end: ${args.join(' ')}`, [
      '--conditions=@spanloom/source',
      join(root, 'bench/ingest.ts'),
      ...args,
    ]);
  }
}
