// Finds and loads a handler as Lambda's own runtime does.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';

/** An error of loading, under the name by which Lambda reports it. */
class HandlerError extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = `Runtime.${name}`;
  }
}

/**
 * Loads what a handler text such as `src/orders.handler` names below `root`; the export may be nested.
 *
 * @throws Errors named `Runtime.MalformedHandlerName`, `.ImportModuleError`, `.UserCodeSyntaxError` and `.HandlerNotFound`; what the
 * module itself throws comes through.
 */
export async function loadHandler(
  root: string,
  text: string,
): Promise<(...args: never[]) => unknown> {
  const match = /^((?:.*\/)?)([^./][^./]*)\.([^/]+)$/.exec(text);
  if (match === null || text.includes('..')) {
    throw new HandlerError(
      'MalformedHandlerName',
      `Bad handler: expected folder/file.export, found ${JSON.stringify(text)}`,
    );
  }
  const [, folder = '', name = '', path = ''] = match;
  const module = await loadModule(root, folder, name);
  const found =
    walk(module, path) ?? walk((module as { default?: unknown } | undefined)?.default, path);
  if (typeof found !== 'function') {
    const problem = found === undefined ? 'is undefined or not exported' : 'is not a function';
    throw new HandlerError('HandlerNotFound', `${text} ${problem}`);
  }
  return found as (...args: never[]) => unknown;
}

async function loadModule(root: string, folder: string, name: string): Promise<unknown> {
  const base = resolve(root, folder, name);
  const load = createRequire(`${resolve(root)}/_.js`);
  try {
    if (existsSync(base) && !existsSync(`${base}/`)) return load(base);
    if (existsSync(`${base}.js`)) {
      return isModule(base) ? await loadEsm(load, `${base}.js`) : load(`${base}.js`);
    }
    if (existsSync(`${base}.mjs`)) return await loadEsm(load, `${base}.mjs`);
    if (existsSync(`${base}.cjs`)) return load(`${base}.cjs`);
    return load(load.resolve(`./${name}`, { paths: [resolve(root), resolve(root, folder)] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new HandlerError('UserCodeSyntaxError', String(error), { cause: error });
    }
    const code = (error as { code?: unknown } | null)?.code;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      throw new HandlerError('ImportModuleError', String(error), { cause: error });
    }
    throw error;
  }
}

/** Without a turn of the event loop where Node can load ES modules by `require`: that saves time in a cold start. */
async function loadEsm(load: NodeJS.Require, file: string): Promise<unknown> {
  const { require_module: direct } = process.features as { require_module?: boolean };
  if (direct === true) {
    try {
      return load(file);
    } catch (error) {
      // A module that awaits at its top level; anything else fails again below.
      if ((error as { code?: unknown } | null)?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    }
  }
  return import(pathToFileURL(file).href);
}

/** Whether the nearest package says that its `.js` files are ES modules. */
function isModule(file: string): boolean {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (folder.endsWith('/node_modules') || folder === dirname(folder)) return false;
    const manifest = `${folder}/package.json`;
    if (!existsSync(manifest)) continue;
    try {
      return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown }).type === 'module';
    } catch {
      return false;
    }
  }
}

function walk(from: unknown, path: string): unknown {
  let value = from;
  for (const name of path.split('.'))
    value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}
