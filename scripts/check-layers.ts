// Holds the picture of ARCHITECTURE.md as a table and checks every package against it: what its package.json depends on and what
// its sources import. Run by `npm test` and `npm run layers`.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Which packages of ours each one may import. Downwards only. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  query: ['base'],
  flame: [],
  contract: ['base'],
  codec: ['model', 'base'],
  sql: ['query', 'base'],
  merge: ['model', 'base'],
  storage: ['sql', 'query', 'model', 'base'],
  metadata: ['base'],
  aws: ['base'],
  xray: ['metadata', 'aws', 'contract', 'model', 'base'],
  intake: ['codec', 'contract', 'model', 'base'],
  api: ['storage', 'query', 'merge', 'contract', 'model', 'base'],
  server: [
    'api',
    'intake',
    'storage',
    'xray',
    'metadata',
    'aws',
    'merge',
    'codec',
    'contract',
    'model',
    'base',
    'demo',
  ],
  web: ['flame', 'query', 'contract', 'base'],
  cli: ['aws', 'contract', 'base'],
  demo: ['local-lambda', 'local-xray'],
  'local-lambda': [],
  lambda: [],
  'local-xray': [],
};

/** Imports that break the picture for a stated reason. */
const exceptions: readonly { from: string; to: string; reason: string }[] = [
  { from: 'lambda', to: 'local-lambda', reason: 'tests only: what the library runs in' },
  { from: 'xray', to: 'local-xray', reason: 'tests only: the service that is crawled' },
  { from: 'cli', to: 'local-xray', reason: 'tests only: the AWS that commands are tried against' },
  {
    from: 'storage',
    to: 'codec',
    reason: 'tests and benchmarks only: the real decoder fills the write-ahead log they replay',
  },
  {
    from: 'merge',
    to: 'codec',
    reason:
      'tests and benchmarks only: the real decoder makes the X-Ray spans that are put together',
  },
];

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const problems: string[] = [];

function check(from: string, to: string, where: string): void {
  if (from === to || allowed[from]?.includes(to)) return;
  const testOnly = /\.(?:test|bench|testing|test\.support)\.tsx?$|\/testing\/|devDependencies/.test(
    where,
  );
  if (exceptions.some((one) => one.from === from && one.to === to)) {
    if (testOnly) return;
  }
  problems.push(`${where}: ${from} must not import ${to}`);
}

/** Packages of ours among the names of a dependency table. */
function ours(record: Readonly<Record<string, string>> | undefined): string[] {
  return Object.keys(record ?? {})
    .filter((name) => name.startsWith('@spanloom/'))
    .map((name) => name.slice('@spanloom/'.length));
}

for (const file of globSync('{packages,apps}/*/package.json', { cwd: root })) {
  const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest;
  const from = manifest.name.replace('@spanloom/', '');
  if (allowed[from] === undefined) {
    problems.push(`${file}: ${from} has no row in scripts/check-layers.ts`);
    continue;
  }
  const declared = new Set([...ours(manifest.dependencies), ...ours(manifest.devDependencies)]);
  for (const to of ours(manifest.dependencies)) check(from, to, file);
  for (const to of ours(manifest.devDependencies)) check(from, to, `${file} devDependencies`);
  const folder = dirname(file);
  if (!existsSync(join(root, folder, 'README.md'))) problems.push(`${folder}: no README.md`);
  for (const source of globSync('src/**/*.{ts,tsx}', { cwd: join(root, folder) })) {
    const text = readFileSync(join(root, folder, source), 'utf8');
    for (const [, to] of text.matchAll(/from '@spanloom\/([a-z-]+)/g)) {
      check(from, to!, `${folder}/${source}`);
      if (to !== from && !declared.has(to!)) {
        problems.push(
          `${folder}/${source}: imports @spanloom/${to}, which ${file} does not declare`,
        );
      }
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  console.error(`${problems.length} imports do not fit the layers in ARCHITECTURE.md`);
  process.exit(1);
}
