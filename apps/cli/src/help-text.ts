import type { Command } from './command.ts';
import { optionsOf } from './command-line.ts';

const ENDING = `Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
Environment: SPANLOOM_URL, SPANLOOM_ADMIN_TOKEN, SPANLOOM_CONFIG, NO_COLOR, and the AWS SDK's own variables.`;

/** The help of everything, or of a group of commands. */
export function helpOfCommands(commands: readonly Command[], group?: string): string {
  const shown =
    group === undefined ? commands : commands.filter(({ name }) => name.startsWith(`${group} `));
  const rows = shown.map((command) => [headOf(command), command.summary] as const);
  return [
    `Usage: spanloom ${group === undefined ? '<command>' : `${group} <command>`} [options]`,
    '',
    ...columns(rows),
    '',
    'Each takes --json, and --help, which shows its options.',
    ENDING,
  ].join('\n');
}

/** The help of one command. */
export function helpOfCommand(command: Command): string {
  const parameters = (command.arguments ?? []).map(
    ({ name, help }) => [`<${name}>`, help] as const,
  );
  const options = Object.entries(optionsOf(command)).map(
    ([name, { value, help }]) =>
      [`--${name}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  return [
    `Usage: spanloom ${headOf(command)} [options]`,
    '',
    `${command.summary[0]!.toUpperCase()}${command.summary.slice(1)}.`,
    ...(command.details === undefined ? [] : ['', command.details]),
    '',
    ...columns([...parameters, ...options]),
  ].join('\n');
}

function headOf(command: Command): string {
  const parameters = (command.arguments ?? []).map(({ name, required }) =>
    required ? `<${name}>` : `[${name}]`,
  );
  return [command.name, ...parameters].join(' ');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
