import { createRequire } from 'node:module';

/** The folder with the function's code. */
export function taskRoot(): string {
  return process.env['LAMBDA_TASK_ROOT'] ?? process.cwd();
}

let requireOfTask: NodeJS.Require | undefined;

/** `require` as the function's own code has it. Works alike in both module systems and in bundles. */
export function taskRequire(name: string): unknown {
  requireOfTask ??= createRequire(`${taskRoot()}/_.js`);
  return requireOfTask(name);
}

/** A module of Node, loaded when first needed: most invocations need few of them. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a cast by another name
export function builtin<T>(name: string): T {
  // Node 18 has no `getBuiltinModule`.
  const direct = (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule;
  return (direct === undefined ? taskRequire(`node:${name}`) : direct(name)) as T;
}
