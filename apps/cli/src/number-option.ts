import type { Call } from './command.ts';
import { UsageError } from './usage-error.ts';

/**
 * The value of an option that counts something.
 * @throws {UsageError} If it is no whole number from `least`.
 */
export function numberOption(call: Call, name: string, least: number): number | undefined {
  const text = call.option(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(
    `--${name} must be a whole number from ${least}, found ${JSON.stringify(text)}`,
  );
}
