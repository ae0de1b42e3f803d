// Bundles the library: `node build.ts` before publishing and before tests that run it as users do. Types come from `tsc -b`.
import { build, type BuildOptions } from 'esbuild';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const common: BuildOptions = {
  absWorkingDir: folder,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node18',
  legalComments: 'none',
  conditions: ['@spanloom/source'],
  logLevel: 'error',
};

/** Both module systems, each in one file; state that must not be doubled is shared through `globalThis`. */
export async function buildLambda(): Promise<void> {
  for (const name of ['index.js', 'index.cjs', 'handler.mjs', 'init.cjs']) {
    rmSync(join(folder, 'dist', name), { force: true });
  }
  await build({ ...common, entryPoints: ['src/index.ts'], format: 'esm', outfile: 'dist/index.js' });
  await build({ ...common, entryPoints: ['src/index.ts'], format: 'cjs', outfile: 'dist/index.cjs' });
  await build({
    ...common,
    entryPoints: ['src/handler.ts'],
    format: 'esm',
    target: 'node18',
    outfile: 'dist/handler.mjs',
  });
  await build({ ...common, entryPoints: ['src/init.ts'], format: 'cjs', outfile: 'dist/init.cjs' });
}

if (process.argv[1] === import.meta.filename) {
  await buildLambda();
  for (const name of ['index.js', 'index.cjs', 'handler.mjs', 'init.cjs']) {
    console.log(`${name} ${statSync(join(folder, 'dist', name)).size} bytes`);
  }
}
