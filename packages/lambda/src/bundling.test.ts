// What bundlers make of the library: one file that behaves as the published one does, with nothing to list as external.
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startFunction } from '@spanloom/local-lambda';
import { functionUrlEvent } from '@spanloom/local-lambda/events';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { expect, onTestFinished, test } from 'vitest';
import { bundleLambda } from './packaging/bundle.ts';

const headers = { 'x-datadog-trace-id': '111', 'x-datadog-parent-id': '222' };
type Bundler = (options: {
  entry: string;
  outfile: string;
  format: 'esm' | 'cjs';
}) => Promise<unknown>;

async function withEsbuild(options: Parameters<Bundler>[0]): Promise<void> {
  const { entry, outfile, format } = options;
  await build({
    entryPoints: [entry],
    outfile,
    format,
    bundle: true,
    minify: true,
    platform: 'node',
    logLevel: 'error',
  });
}

async function withRolldown(options: Parameters<Bundler>[0]): Promise<void> {
  const bundle = await rolldown({ input: options.entry, platform: 'node' });
  await bundle.write({ file: options.outfile, format: options.format, minify: true });
  await bundle.close();
}

test.each<[string, Bundler, 'esm' | 'cjs', 'esm' | 'cjs']>([
  ['esbuild', withEsbuild, 'esm', 'esm'],
  ['esbuild', withEsbuild, 'esm', 'cjs'],
  ['esbuild', withEsbuild, 'cjs', 'cjs'],
  ['rolldown', withRolldown, 'esm', 'esm'],
  ['rolldown', withRolldown, 'esm', 'cjs'],
  ['rolldown', withRolldown, 'cjs', 'cjs'],
])('%s: %o, from %s source to %s', async (_, bundler, source, format) => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await bundleLambda(join(folder, 'lambda'));
  const library = join(folder, 'lambda', source === 'esm' ? 'index.js' : 'index.cjs');
  writeFileSync(join(folder, 'lambda', 'package.json'), '{"type":"module"}');
  const body = 'datadog(async () => ({ statusCode: 200, ...getTraceHeaders() }))';
  const entry = join(folder, source === 'esm' ? 'source.mjs' : 'source.cjs');
  writeFileSync(
    entry,
    source === 'esm'
      ? `import { datadog, getTraceHeaders } from ${JSON.stringify(library)}; export const handler = ${body};`
      : `const { datadog, getTraceHeaders } = require(${JSON.stringify(library)}); exports.handler = ${body};`,
  );
  const outfile = join(folder, 'task', format === 'esm' ? 'index.mjs' : 'index.cjs');
  await bundler({ entry, outfile, format });
  const lines: string[] = [];
  const local = await startFunction({
    taskRoot: dirname(outfile),
    handler: 'index.handler',
    onLog: (line) => lines.push(line.text),
  });
  onTestFinished(() => local.shutdown());
  const { payload } = await local.invoke(functionUrlEvent({ headers }));
  expect(payload).toMatchObject({ statusCode: 200, 'x-datadog-trace-id': '111' });
  expect(lines.filter((line) => line.startsWith('{"traces"')).length).toBe(1);
});

test('the published files load in the module system that they are for', () => {
  const load = createRequire(import.meta.url);
  const manifest = load('../package.json') as {
    dependencies?: object;
    exports: Record<string, Record<string, string>>;
  };
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.exports['.']).toMatchObject({
    import: './dist/index.js',
    require: './dist/index.cjs',
  });
});
