import { parseArgs, type ParseArgsOptionDescriptor } from 'node:util';
import { errorMessage } from '@spanloom/base';
import type { Command, OptionSpec } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What was typed, understood. */
export type CommandLine =
  | { readonly kind: 'version' }
  /** Of one command, of a group such as `xray`, or of everything. */
  | { readonly kind: 'help'; readonly of: Command | string | undefined }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly values: Readonly<
        Record<string, string | boolean | readonly (string | boolean)[] | undefined>
      >;
      readonly positionals: readonly string[];
    };

const SERVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  url: {
    type: 'string',
    value: 'URL',
    help: 'of the server (default SPANLOOM_URL, http://127.0.0.1:7070)',
  },
  token: { type: 'string', value: 'TOKEN', help: 'its admin token (default SPANLOOM_ADMIN_TOKEN)' },
};
const SHARED_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', help: 'print JSON' },
  help: { type: 'boolean', help: 'print this' },
};

/** The options a command takes, its own and those all commands have. */
export function optionsOf(command: Command): Readonly<Record<string, OptionSpec>> {
  return {
    ...command.options,
    ...(command.usesServer ? SERVER_OPTIONS : {}),
    ...SHARED_OPTIONS,
  };
}

/**
 * Reads the arguments behind the program's name.
 * @throws {UsageError} That names what was not understood and where the help is.
 */
export function readCommandLine(
  args: readonly string[],
  commands: readonly Command[],
): CommandLine {
  const [first, second] = args;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const of = args.slice(1).join(' ');
    if (first !== 'help' || of === '') return { kind: 'help', of: undefined };
    return helpOf(of, commands);
  }
  if (first === '--version' || first === 'version') return { kind: 'version' };
  const named = commands.find(({ name }) => name === first || name === `${first} ${second}`);
  if (named === undefined) return groupOrUnknown(args, commands);
  const rest = args.slice(named.name.split(' ').length);
  return readArguments(named, rest);
}

function readArguments(command: Command, args: readonly string[]): CommandLine {
  let parsed;
  try {
    const options: Record<string, ParseArgsOptionDescriptor> = {};
    for (const [name, { type, multiple = false }] of Object.entries(optionsOf(command))) {
      options[name] = { type, multiple, ...(name === 'help' ? { short: 'h' } : {}) };
    }
    parsed = parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw usageError(command, errorMessage(error).split('. To specify')[0]!);
  }
  const { values, positionals } = parsed;
  if (values['help'] === true) return { kind: 'help', of: command };
  const wanted = command.arguments ?? [];
  const missing = wanted[positionals.length];
  if (missing?.required === true)
    throw usageError(command, `Expected <${missing.name}>: ${missing.help}`);
  const surplus = positionals[wanted.length];
  if (surplus !== undefined) {
    const hint = wanted.at(-1)?.name === 'query' ? '; put the query in quotes' : '';
    throw usageError(command, `Unexpected argument ${JSON.stringify(surplus)}${hint}`);
  }
  return { kind: 'run', command, values, positionals };
}

function helpOf(name: string, commands: readonly Command[]): CommandLine {
  const of = commands.find((command) => command.name === name) ?? groupNamed(name, commands);
  if (of === undefined) throw unknownCommand(name, commands);
  return { kind: 'help', of };
}

/** `spanloom xray` alone shows what there is under `xray`. */
function groupOrUnknown(args: readonly string[], commands: readonly Command[]): CommandLine {
  const [first = '', second] = args;
  const group = groupNamed(first, commands);
  if (group === undefined) throw unknownCommand(first, commands);
  if (second === '--help' || second === '-h') return { kind: 'help', of: group };
  if (second === undefined || second.startsWith('-')) {
    const names = commands.filter(({ name }) => name.startsWith(`${group} `));
    const verbs = names.map(({ name }) => name.slice(group.length + 1)).join(', ');
    throw new UsageError(`Expected one of ${verbs} after ${group}\nSee spanloom ${group} --help`);
  }
  throw unknownCommand(`${first} ${second}`, commands);
}

function groupNamed(name: string, commands: readonly Command[]): string | undefined {
  return commands.some((command) => command.name.startsWith(`${name} `)) ? name : undefined;
}

function unknownCommand(name: string, commands: readonly Command[]): UsageError {
  const near = commands.find((command) => isNear(command.name, name));
  const guess = near === undefined ? '' : `; did you mean ${near.name}?`;
  return new UsageError(`There is no command ${JSON.stringify(name)}${guess}\nSee spanloom --help`);
}

function usageError(command: Command, problem: string): UsageError {
  return new UsageError(`${problem}\nSee spanloom ${command.name} --help`);
}

/** One letter off: added, left out, exchanged with its neighbour, or another one. */
function isNear(wanted: string, typed: string): boolean {
  if (Math.abs(wanted.length - typed.length) > 1) return false;
  let at = 0;
  while (at < typed.length && wanted[at] === typed[at]) at++;
  const a = wanted.slice(at);
  const b = typed.slice(at);
  return (
    a.slice(1) === b.slice(1) ||
    a.slice(1) === b ||
    a === b.slice(1) ||
    (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
  );
}
