// A function in the local Lambda that has the library installed as its users would: bundled, in `node_modules`.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startFunction, type FunctionOptions, type LocalFunction } from '@spanloom/local-lambda';
import { onTestFinished } from 'vitest';
import { bundleLambda } from '../packaging/bundle.ts';
import type { PrintedSpan } from './fake-lambda.ts';

const packageRoot = join(import.meta.dirname, '..', '..');
const modules = join(packageRoot, '..', '..', 'node_modules');
let bundled: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-lambda-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await bundleLambda(join(folder, 'dist'));
  cpSync(join(packageRoot, 'package.json'), join(folder, 'package.json'));
  return folder;
}

/** A function of one test, and the lines it has logged. */
export interface TestFunction {
  readonly local: LocalFunction;
  readonly lines: string[];
  /** The spans among them. */
  spans(): PrintedSpan[];
}

/** Starts a function made of `files`. `packages` are those of the workspace that it can import beside the library. */
export async function testFunction(
  files: Readonly<Record<string, string>>,
  options: Partial<FunctionOptions> & { readonly packages?: readonly string[] } = {},
): Promise<TestFunction> {
  const { packages = [], ...rest } = options;
  const taskRoot = mkdtempSync(join(tmpdir(), 'spanloom-task-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(taskRoot, name)), { recursive: true });
    writeFileSync(join(taskRoot, name), text);
  }
  const installed = join(taskRoot, 'node_modules', '@spanloom', 'lambda');
  mkdirSync(dirname(installed), { recursive: true });
  cpSync(await (bundled ??= bundle()), installed, { recursive: true });
  for (const name of packages) {
    const target = join(taskRoot, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(modules, name), target);
  }
  const lines: string[] = [];
  const local = await startFunction({
    taskRoot,
    handler: 'index.handler',
    timeoutMs: 20_000,
    onLog: (line) => lines.push(line.text),
    ...rest,
  });
  onTestFinished(async () => {
    await local.shutdown();
    rmSync(taskRoot, { recursive: true, force: true });
  });
  return {
    local,
    lines,
    spans: () =>
      lines
        .filter((line) => line.startsWith('{"traces"'))
        .flatMap((line) => (JSON.parse(line) as { traces: PrintedSpan[][] }).traces.flat()),
  };
}
