import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository. */
export const repository: string = join(import.meta.dirname, '..');

/** Where `scripts/setup-test-runtimes.sh` puts what npm does not install. */
export const runtimesDirectory: string = join(repository, '.cache', 'test-runtimes');

/** The Node this repository pins: a test runner started by hand may run on an older one. */
export const nodeBinary: string = join(repository, 'node_modules', '.bin', 'node');

export type RuntimeName = 'node' | 'python' | 'go' | 'java';

/** What must exist before a program of that runtime can run, and what to say when it does not. */
const needs: Record<RuntimeName, { readonly file: string; readonly without: string }> = {
  node: { file: nodeBinary, without: 'npm did not install Node' },
  python: { file: join(runtimesDirectory, 'python', 'ready'), without: 'no Python with ddtrace' },
  go: { file: join(runtimesDirectory, 'go', 'ready'), without: 'no program built with Go' },
  java: { file: join(runtimesDirectory, 'java', 'ready'), without: 'no Java with dd-java-agent' },
};

/** Why programs of `runtime` cannot run here, or `undefined` when they can. */
export function whyAbsent(runtime: RuntimeName): string | undefined {
  const { file, without } = needs[runtime];
  if (existsSync(file)) return undefined;
  return `${without}; run scripts/setup-test-runtimes.sh`;
}

/** Whether a missing runtime is a failure rather than a test that is left out. */
const requireAll: boolean = process.env['SPANLOOM_REQUIRE_ALL'] === '1';

/** Where `npm test` looks for what was left out. */
const leftOutFile = join(repository, 'tests', 'results', 'left-out.txt');

/**
 * Notes that a test is left out because its counterpart is not on this machine, for the summary of `npm test`.
 *
 * @throws {Error} If nothing may be left out.
 */
export function leaveOut(what: string, why: string): void {
  if (requireAll) throw new Error(`Cannot test ${what}: ${why}`);
  console.log(`left out: ${what} (${why})`);
  mkdirSync(dirname(leftOutFile), { recursive: true });
  appendFileSync(leftOutFile, `${what} (${why})\n`);
}
