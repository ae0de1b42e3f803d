#!/usr/bin/env node
// Starts the command: from its sources in this repository, from `dist` where there are none. In the repository the packages it uses
// are taken from their sources too, as the server does, so nothing has to be built first.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

const source = new URL('../src/main.ts', import.meta.url);
if (existsSync(source)) {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, {
        ...context,
        conditions: [...context.conditions, '@spanloom/source'],
      }),
  });
  await import(source.href);
} else {
  await import('../dist/main.js');
}
