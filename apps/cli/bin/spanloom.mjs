#!/usr/bin/env node
// Starts the command: from its sources in this repository, from `dist` where there are none. In the repository the packages it uses
// are taken from their sources too, as the server does, so nothing has to be built first; and where the machine's own Node is too
// old for that, the one that is installed with the repository is used.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';

const source = new URL('../src/main.ts', import.meta.url);
const pinned = new URL('../../../node_modules/node/bin/node', import.meta.url);

if (!existsSync(source)) {
  await import('../dist/main.js');
} else if (module.registerHooks !== undefined) {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, {
        ...context,
        conditions: [...context.conditions, '@spanloom/source'],
      }),
  });
  await import(source.href);
} else if (existsSync(pinned)) {
  const child = spawn(
    pinned.pathname,
    ['--conditions=@spanloom/source', source.pathname, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  console.error(`spanloom needs Node 22.18 or later, found ${process.version}`);
  process.exitCode = 1;
}
