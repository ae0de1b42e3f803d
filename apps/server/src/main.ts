#!/usr/bin/env node
// The server's entry: arguments, settings, signals, exit code. Everything else is in `runServer`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, SpanloomError } from '@spanloom/base';
import { readArguments, USAGE } from './arguments.ts';
import { loadConfig } from './config.ts';
import { consoleLog } from './log.ts';

// The engine runs its statements on this pool. Node reads the size when the pool is first used, which is after this line.
process.env['UV_THREADPOOL_SIZE'] ||= '16';

const version = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  }
).version;

/** Signals closer together than this are one request to stop. */
const ONE_REQUEST_MS = 500;

try {
  const args = readArguments(process.argv.slice(2));
  if (args.help) console.log(USAGE);
  else if (args.version) console.log(version);
  else await serve(args.config, args.demo);
} catch (error) {
  if (error instanceof SpanloomError) console.error(error.message);
  else console.error(error);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

async function serve(configFile: string | undefined, demo: boolean): Promise<void> {
  const config = loadConfig(process.env, { cwd: process.cwd(), configFile });
  const log = consoleLog(config.logLevel);
  const stop = new AbortController();
  let askedAt = Number.NEGATIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Ctrl-C reaches this process from the terminal and once more from the launcher.
      if (performance.now() - askedAt < ONE_REQUEST_MS) return;
      askedAt = performance.now();
      if (stop.signal.aborted) {
        // Asked twice: the person wants out now. What was acknowledged is in the write-ahead log.
        process.exit(130);
      }
      log.info('Stopping: finishing what was accepted (once more to leave at once)');
      stop.abort();
    });
  }
  const { runServer } = await import('./run-server.ts');
  await runServer({ config, demo, log, version, stop: stop.signal });
}
