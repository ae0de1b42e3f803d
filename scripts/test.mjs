// `npm test`: installs what is missing, then every check and every test. Tests whose counterpart (Python, Go, Java, Chromium) is
// not on the machine are left out by name; SPANLOOM_REQUIRE_ALL=1 makes that a failure. Ends with one line of totals.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ensureInstalled, pinnedNode, root } from './install.mjs';

ensureInstalled();

const results = join(root, 'tests', 'results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const bin = join(root, 'node_modules', '.bin');
const env = {
  ...process.env,
  PATH: [dirname(pinnedNode), bin, process.env.PATH].join(delimiter),
  UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16',
};

const suites = ['unit', 'integration'];
/** @type {[name: string, command: string, args: string[]][]} */
const steps = [
  ['Format', 'oxfmt', ['--check']],
  ['Types', 'tsc', ['-b']],
  ['Types of the pages', 'tsc', ['-p', 'apps/web']],
  ['Lint', 'oxlint', ['--type-aware']],
  ['Layers', pinnedNode, ['scripts/check-layers.ts']],
  ['Unused code', 'knip', []],
  ['Pages', pinnedNode, ['scripts/build-web.ts', '--if-changed']],
  ...suites.map((suite) => [
    `Tests: ${suite}`,
    'vitest',
    [
      'run',
      `--project=${suite}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(results, `${suite}.json`)}`,
    ],
  ]),
];

let failedSteps = 0;
for (const [name, command, args] of steps) {
  const from = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  const seconds = ((Date.now() - from) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`-- ${name}: ok, ${seconds} s`);
  } else {
    failedSteps++;
    console.log(`-- ${name}: FAILED, ${seconds} s`);
  }
}

let passed = 0;
let failed = 0;
for (const suite of suites) {
  const file = join(results, `${suite}.json`);
  if (!existsSync(file)) continue;
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
}
const leftOut = join(results, 'left-out.txt');
if (existsSync(leftOut)) {
  console.log('\nLeft out, because their counterpart is not on this machine:');
  for (const line of new Set(readFileSync(leftOut, 'utf8').trim().split('\n')))
    console.log(`  ${line}`);
  console.log('bash scripts/setup-test-runtimes.sh brings what is missing');
}
console.log(failedSteps === 0 ? '\nEverything passed' : `\n${failedSteps} steps failed`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failedSteps === 0 ? 0 : 1);
