import { parseArgs } from 'node:util';

/** What `local-lambda run` was asked to do. */
export interface RunCommand {
  readonly folder: string;
  readonly handler: string;
  /** Path of a JSON file, `-` for standard input, or `undefined` for an empty object. */
  readonly event: string | undefined;
  readonly command: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly extensions: readonly string[];
  readonly timeoutMs: number;
  readonly memorySizeMb: number;
  readonly repeat: number;
  readonly logFormat: 'Text' | 'JSON';
  readonly name: string | undefined;
}

export const usage = `Usage: local-lambda run <folder> --handler <file.export> [options]

  --event <file>       JSON of the event, - for standard input (default: {})
  --env <NAME=value>   a variable of the function; may be repeated
  --extension <file>   an external extension; may be repeated
  --timeout <seconds>  default 3
  --memory <MB>        default 128
  --repeat <times>     invoke that often in one sandbox
  --name <name>        the function's name
  --json-logs          log as with LogFormat JSON
  -- <command …>       the runtime's command, such as python3 -m awslambdaric app.handler
`;

/** Reads the arguments after the program's name. Returns what is wrong as text. */
export function parseCommandLine(args: readonly string[]): RunCommand | string {
  const border = args.indexOf('--');
  const own = border < 0 ? args : args.slice(0, border);
  const command = border < 0 ? undefined : args.slice(border + 1);
  let parsed;
  try {
    parsed = parseArgs({
      args: [...own],
      allowPositionals: true,
      options: {
        handler: { type: 'string' },
        event: { type: 'string' },
        env: { type: 'string', multiple: true },
        extension: { type: 'string', multiple: true },
        timeout: { type: 'string' },
        memory: { type: 'string' },
        repeat: { type: 'string' },
        name: { type: 'string' },
        'json-logs': { type: 'boolean' },
      },
    });
  } catch (error) {
    return (error as Error).message;
  }
  const { values, positionals } = parsed;
  const [verb, folder] = positionals;
  if (verb !== 'run') return `Expected the command run, found ${verb ?? 'nothing'}`;
  if (folder === undefined) return 'Expected the folder of the function after run';
  if (values.handler === undefined) return 'Expected --handler, such as --handler index.handler';
  if (command?.length === 0) return 'Expected a command after --';
  const environment: Record<string, string> = {};
  for (const pair of values.env ?? []) {
    const equals = pair.indexOf('=');
    if (equals < 1) return `Expected --env NAME=value, found ${pair}`;
    environment[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  const timeoutMs = Math.round(Number(values.timeout ?? 3) * 1000);
  const memorySizeMb = Number(values.memory ?? 128);
  const repeat = Number(values.repeat ?? 1);
  if (Number.isNaN(timeoutMs)) return `Expected seconds for --timeout, found ${values.timeout}`;
  if (Number.isNaN(memorySizeMb)) return `Expected megabytes for --memory, found ${values.memory}`;
  if (!(Number.isInteger(repeat) && repeat > 0)) {
    return `Expected a whole number for --repeat, found ${values.repeat}`;
  }
  return {
    folder,
    handler: values.handler,
    event: values.event,
    command,
    environment,
    extensions: values.extension ?? [],
    timeoutMs,
    memorySizeMb,
    repeat,
    logFormat: values['json-logs'] === true ? 'JSON' : 'Text',
    name: values.name,
  };
}
