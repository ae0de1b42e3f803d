import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';

test('everything has a default', () => {
  expect(parseCommandLine([])).toEqual({
    port: 2199,
    host: '127.0.0.1',
    account: '111122223333',
    region: 'eu-west-1',
    demoPerSecond: 0,
    pageSize: 100,
    transactionSearch: false,
  });
});

test.each([
  [['--port', '70000'], 'Expected a port for --port, found 70000'],
  [['--demo', 'fast'], 'Expected a rate from 0 to 1000 for --demo, found fast'],
  [['--account', '1'], 'Expected twelve digits for --account, found 1'],
  [['--page-size', '0'], 'Expected a whole number for --page-size, found 0'],
])('%j is refused with what was expected', (args, problem) => {
  expect(parseCommandLine(args)).toBe(problem);
});

test('an unknown option is named', () => {
  expect(parseCommandLine(['--ports', '1'])).toContain("'--ports'");
});
