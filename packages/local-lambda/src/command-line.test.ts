import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';
import { taskFolder } from './testing/task.ts';

test('parseCommandLine() reads options, and the runtime after --', () => {
  const args =
    'run app --handler app.handler --env A=b=c --env D= --timeout 1.5 --memory 512 --repeat 2 --json-logs';
  expect(parseCommandLine([...args.split(' '), '--', 'python3', '-m', 'awslambdaric'])).toEqual({
    folder: 'app',
    handler: 'app.handler',
    event: undefined,
    command: ['python3', '-m', 'awslambdaric'],
    environment: { A: 'b=c', D: '' },
    extensions: [],
    timeoutMs: 1500,
    memorySizeMb: 512,
    repeat: 2,
    logFormat: 'JSON',
    name: undefined,
  });
});

test.each([
  ['', 'Expected the command run, found nothing'],
  ['run', 'Expected the folder'],
  ['run app', 'Expected --handler'],
  ['run app --handler a.b --env A', 'Expected --env NAME=value, found A'],
  ['run app --handler a.b --repeat 0', 'Expected a whole number for --repeat, found 0'],
  ['run app --handler a.b --timeout soon', 'Expected seconds for --timeout, found soon'],
  ['run app --handler a.b --', 'Expected a command after --'],
  ['run app --nonsense', '--nonsense'],
])('parseCommandLine() explains %j', (text, problem) => {
  expect(parseCommandLine(text === '' ? [] : text.split(' '))).toContain(problem);
});

function run(
  args: readonly string[],
  input = '',
): { status: number | null; stdout: string; stderr: string } {
  const main = join(import.meta.dirname, 'main.ts');
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', input });
}

test('the command prints the answer to standard output and the logs to standard error', () => {
  const folder = taskFolder({
    'index.mjs': `export const handler = async (event) => { console.log('working'); return { got: event }; };`,
    'event.json': '{"order":7}',
  });
  const done = run([
    'run',
    folder,
    '--handler',
    'index.handler',
    '--event',
    join(folder, 'event.json'),
  ]);
  expect(done).toMatchObject({ status: 0, stdout: '{"got":{"order":7}}\n' });
  expect(done.stderr).toMatch(/^INIT_START [^]*\tINFO\tworking\nEND [^]*REPORT /);
});

test('the command ends with 1 if the function failed and with 2 if it could not be tried', () => {
  const folder = taskFolder({
    'index.mjs': `export const handler = async () => { throw new Error('no'); };`,
  });
  const failed = run(['run', folder, '--handler', 'index.handler', '--event', '-'], '{}');
  expect(failed.status).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({ errorType: 'Error', errorMessage: 'no' });
  expect(run(['run', folder]).status).toBe(2);
  const absent = run(['run', folder, '--handler', 'a.b', '--event', join(folder, 'absent.json')]);
  expect(absent).toMatchObject({ status: 2 });
  expect(absent.stderr).toContain('absent.json');
});
