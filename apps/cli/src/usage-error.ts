import { SpanloomError } from '@spanloom/base';

/** The command was called in a way it does not understand. Ends with exit code 2. */
export class UsageError extends SpanloomError {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}
