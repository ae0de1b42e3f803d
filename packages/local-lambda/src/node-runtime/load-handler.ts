import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A function's handler in any of the forms that Lambda takes. */
export type Handler = (...args: unknown[]) => unknown;

/** An error of loading, with the name under which Lambda reports it. */
class HandlerError extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/**
 * Loads `folder/module.export` below `taskRoot`; the export may be nested (`module.a.b`).
 *
 * @throws {HandlerError} `Runtime.MalformedHandlerName`, `.ImportModuleError`, `.UserCodeSyntaxError` or `.HandlerNotFound`.
 * What the module itself throws comes through.
 */
export async function loadHandler(taskRoot: string, text: string): Promise<Handler> {
  const match = /^(?<module>(?:.*\/)?[^./]+)\.(?<path>[^/]+)$/.exec(text);
  if (match === null || text.includes('..')) {
    throw new HandlerError('Runtime.MalformedHandlerName', `Bad handler '${text}'`);
  }
  const { module = '', path = '' } = match.groups ?? {};
  const file = ['.mjs', '.js', '.cjs', '.mts', '.ts', '']
    .map((extension) => join(taskRoot, module + extension))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new HandlerError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${module}' in ${taskRoot}`,
    );
  }
  const loaded = await importModule(file);
  // What a CommonJS module exports, the loader may not have recognised by name.
  const found = walk(loaded, path) ?? walk(loaded['default'], path);
  if (typeof found !== 'function') {
    throw new HandlerError('Runtime.HandlerNotFound', `${text} is undefined or not exported`);
  }
  return found as Handler;
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new HandlerError('Runtime.UserCodeSyntaxError', String(error), { cause: error });
    }
    const code = (error as { code?: unknown } | null)?.code;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      throw new HandlerError('Runtime.ImportModuleError', String(error), { cause: error });
    }
    throw error;
  }
}

function walk(from: unknown, path: string): unknown {
  let value = from;
  for (const name of path.split('.')) {
    value = (value as Record<string, unknown> | null | undefined)?.[name];
  }
  return value;
}
