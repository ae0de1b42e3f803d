#!/usr/bin/env node
// The command `local-lambda`: logs go to standard error, the function's answer to standard output. Ends with 1 if an invocation
// failed and with 2 if it could not be tried.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseCommandLine, usage, type RunCommand } from './command-line.ts';
import { LocalLambdaError } from './errors.ts';
import { startFunction } from './start-function.ts';

const parsed = parseCommandLine(process.argv.slice(2));
if (typeof parsed === 'string') {
  process.stderr.write(`${parsed}\n\n${usage}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await run(parsed);
  } catch (error) {
    const known =
      error instanceof LocalLambdaError || (error as { code?: string }).code === 'ENOENT';
    if (!known && !(error instanceof SyntaxError)) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}

async function run(command: RunCommand): Promise<number> {
  const event = readEvent(command.event);
  const local = await startFunction({
    taskRoot: command.folder,
    handler: command.handler,
    environment: command.environment,
    extensions: command.extensions.map((file) => ({
      name: basename(file),
      command: [resolve(file)],
    })),
    timeoutMs: command.timeoutMs,
    memorySizeMb: command.memorySizeMb,
    logFormat: command.logFormat,
    ...(command.command === undefined ? {} : { command: command.command }),
    ...(command.name === undefined ? {} : { name: command.name }),
    onLog: (line) => process.stderr.write(`${line.text}\n`),
  });
  // Our processes are in groups of their own: without this an interrupt would leave them behind, stopped.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(130));
  let failed = false;
  try {
    for (let times = 0; times < command.repeat; times++) {
      const result = await local.invoke(event);
      failed ||= result.functionError !== undefined;
      process.stdout.write(result.body);
      process.stdout.write('\n');
    }
  } finally {
    await local.shutdown();
  }
  return failed ? 1 : 0;
}

function readEvent(file: string | undefined): unknown {
  if (file === undefined) return {};
  return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as unknown;
}
