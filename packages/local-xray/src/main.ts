#!/usr/bin/env node
// The command `local-xray`: serves until it is interrupted. Ends with 2 if it could not start.
import { parseCommandLine, usage, type ServeCommand } from './command-line.ts';
import { LocalXRayError } from './errors.ts';
import { LocalXRay } from './local-xray.ts';
import { many } from './scenes/index.ts';

const parsed = parseCommandLine(process.argv.slice(2));
if (typeof parsed === 'string') {
  process.stderr.write(`${parsed}\n\n${usage}`);
  process.exitCode = 2;
} else {
  try {
    await serve(parsed);
  } catch (error) {
    if (!(error instanceof LocalXRayError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

async function serve(command: ServeCommand): Promise<void> {
  const { port, host, pageSize, account, region } = command;
  const xray = await LocalXRay.start({ port, host, pageSize });
  if (command.transactionSearch) {
    xray.region(account, region).switchDestination('CloudWatchLogs');
  }
  const demo = command.demoPerSecond > 0 ? makeUp(xray, command) : undefined;
  process.stdout.write(`Local X-Ray is ready: ${xray.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clearInterval(demo);
      void xray[Symbol.asyncDispose]();
    });
  }
}

/** Puts the traces of the second that has just passed, once a second. */
function makeUp(xray: LocalXRay, { demoPerSecond, account, region }: ServeCommand): NodeJS.Timeout {
  let owed = 0;
  return setInterval(() => {
    owed += demoPerSecond;
    const count = Math.floor(owed);
    owed -= count;
    const to = Date.now();
    const load = many(count, `demo ${to}`, {
      from: to - 1000,
      to,
      account,
      region,
      growthMs: 60_000,
    });
    for (const trace of load) xray.grow(account, region, trace.steps);
  }, 1000);
}
