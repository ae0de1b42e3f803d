import type { Output } from './output.ts';
import type { ServerClient } from './server-client.ts';

/** One option of a command. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** May be given more than once. */
  readonly multiple?: true;
  /** What stands for the value in the help: `FILE`. */
  readonly value?: string;
  readonly help: string;
}

/** One argument without a dash. */
interface ArgumentSpec {
  readonly name: string;
  readonly required: boolean;
  readonly help: string;
}

/** A command as the table knows it; what it does is loaded when it is called, since the AWS clients take a while. */
export interface Command {
  /** As typed: `xray backfill`. */
  readonly name: string;
  /** A line for the list of commands. */
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Further paragraphs for `--help`. */
  readonly details?: string;
  /** Reads from a running server, and so takes `--url` and `--token`. */
  readonly usesServer: boolean;
  /** Answers the exit code. */
  load(): Promise<(call: Call) => Promise<number>>;
}

/** One call of a command. */
export interface Call {
  readonly output: Output;
  /** `--json` */
  readonly json: boolean;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly stop: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  readonly server: ServerClient;
  /** An argument by name; required ones are always there. */
  argument(name: string): string;
  /** The value of an option, or `undefined`. */
  option(name: string): string | undefined;
  options(name: string): readonly string[];
  flag(name: string): boolean;
}
