import type { Call } from './command.ts';
import { UsageError } from './usage-error.ts';

/**
 * The value of an option with a few possible ones; the first of them is meant where it is not given.
 * @throws {UsageError} If it is another.
 */
export function choiceOption<const T extends string>(
  call: Call,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const text = call.option(name) ?? choices[0];
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} must be ${choices.join(' or ')}, found ${JSON.stringify(text)}`);
}
