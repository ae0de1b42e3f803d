// Makes the files that are published: both module systems, one file each. State that must not exist twice is on `globalThis`.
import { build, type BuildOptions } from 'esbuild';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What is published beside the types, by entry. */
export const bundleFiles = ['index.js', 'index.cjs', 'handler.mjs', 'init.cjs'] as const;

/** Bundles the library into `folder`. */
export async function bundleLambda(folder: string): Promise<void> {
  const common: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    logLevel: 'error',
  };
  const bundle = (entry: string, format: 'esm' | 'cjs', outfile: string): Promise<unknown> =>
    build({ ...common, entryPoints: [`src/${entry}.ts`], format, outfile: join(folder, outfile) });
  await Promise.all([
    bundle('index', 'esm', 'index.js'),
    bundle('index', 'cjs', 'index.cjs'),
    build({
      ...common,
      entryPoints: ['src/handler.ts'],
      format: 'esm',
      outfile: join(folder, 'handler.mjs'),
      // Function code that imports the library must find the copy that wraps it.
      plugins: [
        {
          name: 'one-library',
          setup: (one) =>
            one.onResolve({ filter: /^\.\/index\.ts$/ }, () => ({
              path: './index.js',
              external: true,
            })),
        },
      ],
    }),
    bundle('init', 'cjs', 'init.cjs'),
  ]);
}
