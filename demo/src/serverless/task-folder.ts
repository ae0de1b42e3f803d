import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** A function's code as it would be deployed: one module and what it depends on. */
export interface TaskFolder extends Disposable {
  readonly path: string;
  /** What the function is configured with: the vendor's handler, which loads the function's own. */
  readonly handler: string;
}

/** Puts a function of `functions/` into a folder of its own, the vendor's library beside it. */
export function taskFolder(name: string): TaskFolder {
  const path = mkdtempSync(join(tmpdir(), `shop-${name}-`));
  const extension = extname(import.meta.filename);
  const code = readFileSync(join(import.meta.dirname, '..', 'functions', name + extension), 'utf8');
  writeFileSync(join(path, 'index.mjs'), extension === '.ts' ? stripTypeScriptTypes(code) : code);
  const library = dirname(require.resolve('datadog-lambda-js/package.json'));
  symlinkSync(dirname(library), join(path, 'node_modules'));
  return {
    path,
    handler: 'node_modules/datadog-lambda-js/dist/handler.handler',
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
