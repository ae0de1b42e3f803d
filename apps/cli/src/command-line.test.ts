import { expect, test } from 'vitest';
import type { Command } from './command.ts';
import { readCommandLine } from './command-line.ts';
import { COMMANDS } from './commands.ts';
import { UsageError } from './usage-error.ts';

function read(...args: string[]) {
  return readCommandLine(args, COMMANDS);
}

function refusal(...args: string[]): string {
  try {
    read(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return 'accepted';
}

test('readCommandLine() finds a command of two words, its options and arguments', () => {
  expect(read('xray', 'backfill', '--from', 'now-3d', '--detach', '--json')).toMatchObject({
    kind: 'run',
    command: { name: 'xray backfill' },
    values: { from: 'now-3d', detach: true, json: true },
    positionals: [],
  });
  expect(read('trace', '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013')).toMatchObject({
    kind: 'run',
    command: { name: 'trace' },
    positionals: ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013'],
  });
});

test('readCommandLine() gathers an option that may be repeated', () => {
  expect(read('aws', 'policy', '--feature', 'xray', '--feature=transaction-search')).toMatchObject({
    values: { feature: ['xray', 'transaction-search'] },
  });
});

test('readCommandLine() takes a query that begins with a dash after two dashes', () => {
  expect(read('query', '--', '-service:checkout')).toMatchObject({
    positionals: ['-service:checkout'],
  });
});

test.each([[[]], [['--help']], [['-h']], [['help']]])(
  'readCommandLine(%j) is the help of everything',
  (args) => {
    expect(read(...args)).toEqual({ kind: 'help', of: undefined });
  },
);

test.each([
  [['xray', '--help'], 'xray'],
  [['help', 'aws'], 'aws'],
])('readCommandLine(%j) is the help of a group', (args, group) => {
  expect(read(...args)).toEqual({ kind: 'help', of: group });
});

test.each([
  [['trace', '--help'], 'trace'],
  [['trace', '-h'], 'trace'],
  [['xray', 'crawl', '--once', '--help'], 'xray crawl'],
  [['help', 'xray', 'crawl'], 'xray crawl'],
])('readCommandLine(%j) is the help of a command, whatever else is missing', (args, name) => {
  expect(read(...args)).toMatchObject({ kind: 'help', of: { name } });
});

test('readCommandLine() knows the version', () => {
  expect(read('--version')).toEqual({ kind: 'version' });
});

test.each([
  [['tarce', 'x'], 'There is no command "tarce"; did you mean trace?\nSee spanloom --help'],
  [['serve'], 'There is no command "serve"\nSee spanloom --help'],
  [['xray'], 'Expected one of status, crawl, backfill after xray\nSee spanloom xray --help'],
  [
    ['xray', 'statsu'],
    'There is no command "xray statsu"; did you mean xray status?\nSee spanloom --help',
  ],
  [
    ['trace'],
    'Expected <id>: in any form: hex, decimal, traceparent, X-Ray id or header\nSee spanloom trace --help',
  ],
  [['trace', 'a', 'b'], 'Unexpected argument "b"\nSee spanloom trace --help'],
  [
    ['query', 'service:a', 'env:b'],
    'Unexpected argument "env:b"; put the query in quotes\nSee spanloom query --help',
  ],
  [['trace', 'a', '--depth'], "Unknown option '--depth'\nSee spanloom trace --help"],
  [['query', '--limit'], "Option '--limit <value>' argument missing\nSee spanloom query --help"],
  [
    ['aws', 'policy', '--url', 'http://x'],
    "Unknown option '--url'\nSee spanloom aws policy --help",
  ],
])('readCommandLine(%j) is refused', (args, message) => {
  expect(refusal(...args)).toBe(message);
});

test('each command loads what it names', async () => {
  const loaded = await Promise.all(COMMANDS.map((command: Command) => command.load()));
  expect(loaded.map((run) => typeof run)).toEqual(COMMANDS.map(() => 'function'));
});
