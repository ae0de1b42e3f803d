import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Output } from './output.ts';
import { textTable } from './text-table.ts';

function terminal(): PassThrough & { isTTY: true; columns: number } {
  return Object.assign(new PassThrough(), { isTTY: true, columns: 40 } as const);
}

function written(stream: PassThrough): string {
  return String(stream.read() ?? '');
}

function red(stream: PassThrough, env: NodeJS.ProcessEnv): string {
  return new Output(stream, stream, env).tone('bad', 'x');
}

test('Output colours on a terminal, and not where NO_COLOR, a dumb terminal or a pipe forbids it', () => {
  expect(red(terminal(), {})).toBe('\u001b[31mx\u001b[39m');
  expect(red(terminal(), { NO_COLOR: '' })).toBe('\u001b[31mx\u001b[39m');
  expect(red(terminal(), { NO_COLOR: '1' })).toBe('x');
  expect(red(terminal(), { TERM: 'dumb' })).toBe('x');
  expect(red(new PassThrough(), {})).toBe('x');
});

test('Output writes progress over itself on a terminal and takes it away before a line', async () => {
  const stream = terminal();
  const output = new Output(stream, stream, { NO_COLOR: '1' });
  output.progress('10 %');
  output.progress('x'.repeat(60));
  await output.line('done');
  expect(written(stream)).toBe(`\r\u001b[2K10 %\r\u001b[2K${'x'.repeat(39)}\r\u001b[2Kdone\n`);
});

test('Output writes a plain line of progress every ten seconds elsewhere', () => {
  const stream = new PassThrough();
  const output = new Output(stream, stream, {});
  for (const [text, ms] of [
    ['a', 0],
    ['b', 9_999],
    ['c', 10_000],
  ] as const)
    output.progress(text, ms);
  output.endProgress();
  expect(written(stream)).toBe('a\nc\n');
});

test('textTable() makes columns as wide as their cells, and cuts the last one', () => {
  const output = new Output(terminal(), terminal(), { NO_COLOR: '1' });
  const rows = [
    ['allowed', 'xray:GetTraceSummaries', 'find new and growing traces'],
    [{ text: 'denied', tone: 'bad' } as const, 'x', ''],
  ];
  expect(textTable(['STATUS', 'CALL', 'FOR'], rows, output)).toEqual([
    'STATUS   CALL                    FOR',
    'allowed  xray:GetTraceSummaries  find n…',
    'denied   x',
  ]);
});
