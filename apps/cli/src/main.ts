// The command's entry: arguments, signals, exit code. What the commands do is in `commands/`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, errorMessage, SpanloomError } from '@spanloom/base';
import type { Call } from './command.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { COMMANDS } from './commands.ts';
import { helpOfCommand, helpOfCommands } from './help-text.ts';
import { Interrupted } from './interrupted.ts';
import { Output } from './output.ts';
import { ServerClient, ServerError } from './server-client.ts';
import { UsageError } from './usage-error.ts';

const DEFAULT_URL = 'http://127.0.0.1:7070';

const stop = new AbortController();
const output = new Output(process.stdout, process.stderr, process.env);
// `spanloom query … | head` closes our output when it has seen enough: nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const json = process.argv.includes('--json');
try {
  const line = readCommandLine(process.argv.slice(2), COMMANDS);
  process.exitCode = await follow(line);
} catch (error) {
  process.exitCode = report(error);
}

async function follow(line: CommandLine): Promise<number> {
  switch (line.kind) {
    case 'version':
      await output.line(readVersion());
      return 0;
    case 'help':
      await output.line(
        line.of === undefined || typeof line.of === 'string'
          ? helpOfCommands(COMMANDS, line.of)
          : helpOfCommand(line.of),
      );
      return 0;
    case 'run': {
      stopOnSignals();
      const run = await line.command.load();
      try {
        return await run(toCall(line));
      } finally {
        output.endProgress();
      }
    }
  }
}

function toCall(line: Extract<CommandLine, { kind: 'run' }>): Call {
  const { values, positionals, command } = line;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    output,
    json,
    stop: stop.signal,
    env: process.env,
    server: new ServerClient(
      serverUrl(text('url') ?? process.env['SPANLOOM_URL']),
      text('token') ?? (process.env['SPANLOOM_ADMIN_TOKEN'] || undefined),
      stop.signal,
    ),
    argument: (name) =>
      positionals[(command.arguments ?? []).findIndex((one) => one.name === name)] ?? '',
    option: text,
    options: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    flag: (name) => values[name] === true,
  };
}

function serverUrl(given: string | undefined): string {
  const url = given === undefined || given.trim() === '' ? DEFAULT_URL : given.trim();
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new UsageError(
    `The server's address must be like http://127.0.0.1:7070, found ${JSON.stringify(url)}`,
  );
}

/** The first signal asks the command to end what it does, the second ends it at once. */
function stopOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130);
      stop.abort(new Interrupted());
    });
  }
}

/** Says what went wrong, and answers the exit code. */
function report(error: unknown): number {
  // Whatever was going on ends with an error of its own when it is stopped.
  if (stop.signal.aborted) {
    output.note('Interrupted');
    return 130;
  }
  const code = error instanceof SpanloomError ? error.code : 'INTERNAL';
  const message = error instanceof SpanloomError ? error.message : String((error as Error).stack);
  if (json) {
    const details = error instanceof ServerError ? error.details : undefined;
    output.note(JSON.stringify({ error: { code, message: errorMessage(error), details } }));
  } else {
    output.problem(message);
  }
  if (error instanceof UsageError || error instanceof ConfigError) return 2;
  // The server took exception to what was typed: a query, an id, a time.
  if (error instanceof ServerError && error.status === 400) return 2;
  return 1;
}

function readVersion(): string {
  const file = join(import.meta.dirname, '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
