import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { expect, test } from 'vitest';
import { Supervised } from './supervised.ts';

/** A process that stays until it is told to go. */
const stays = 'setInterval(() => undefined, 1000)';

function program(code: string): ChildProcess {
  return spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
}

test('run() starts a process again after it dies, later each time', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  let starts = 0;
  await new Supervised({
    name: 'brittle',
    version: undefined,
    start: () => {
      starts += 1;
      if (starts === 3) stop.abort();
      return program('process.exit(7)');
    },
    signal: stop.signal,
    log: (line) => lines.push(line),
  }).run();
  expect(lines).toEqual([
    'demo shop: brittle ended (exit code 7); starting it again in 500 ms',
    'demo shop: brittle ended (exit code 7); starting it again in 1000 ms',
  ]);
});

test('run() ends the process when the signal aborts', async () => {
  const stop = new AbortController();
  const started: ChildProcess[] = [];
  const running = new Supervised({
    name: 'steady',
    version: undefined,
    start: () => {
      const child = program(stays);
      child.once('spawn', () => stop.abort());
      started.push(child);
      return child;
    },
    signal: stop.signal,
    log: () => undefined,
  }).run();
  await running;
  expect(started.map((child) => child.signalCode)).toEqual(['SIGTERM']);
});

test('release() replaces the process by one of the next version without waiting', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const versions: (string | undefined)[] = [];
  const supervised = new Supervised({
    name: 'storefront',
    version: '1.0.0',
    start: (version) => {
      versions.push(version);
      const child = program(stays);
      child.once('spawn', () => {
        if (version === '1.0.0') supervised.release('1.0.1');
        else stop.abort();
      });
      return child;
    },
    signal: stop.signal,
    log: (line) => lines.push(line),
  });
  await supervised.run();
  expect(versions).toEqual(['1.0.0', '1.0.1']);
  expect(lines).toEqual(['demo shop: releasing storefront 1.0.1']);
});
