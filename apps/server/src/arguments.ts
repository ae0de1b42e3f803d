import { parseArgs } from 'node:util';
import { ConfigError, errorMessage } from '@spanloom/base';

/** What was typed behind the command. */
export interface Arguments {
  readonly demo: boolean;
  readonly config: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
}

/** What `--help` prints. */
export const USAGE = `Usage: npm start -- [options]

  --demo            also run a small traced shop, so that there is something to look at
  --config FILE     read settings from a YAML file (docs/configuration.md)
  --version         print the version
  --help            print this

Settings also come from the environment: SPANLOOM_PORT, SPANLOOM_HOST, SPANLOOM_DATA_DIR, ...`;

/** @throws {ConfigError} If an argument is not known. */
export function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        demo: { type: 'boolean', default: false },
        config: { type: 'string' },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    return { ...values, config: values.config };
  } catch (error) {
    throw new ConfigError(`${errorMessage(error)}\n\n${USAGE}`, { cause: error });
  }
}
