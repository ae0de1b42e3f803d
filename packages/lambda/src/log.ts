import { shared } from './shared.ts';

/** Where the library's own messages go. */
export interface Logger {
  debug(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

let logger: Logger | undefined;
let debugging = false;

/** Sets where messages go, and whether debug messages are written at all. */
export function configureLog(to: Logger | undefined, debug: boolean): void {
  logger = to;
  debugging = debug;
}

/** Writes one message as a line of JSON. Debug messages are lost unless asked for: the log is the customer's. */
export function say(
  status: 'debug' | 'warning' | 'error',
  message: string,
  details?: Readonly<Record<string, unknown>>,
): void {
  if (status === 'debug' && !debugging) return;
  const line = JSON.stringify({ status, message: `spanloom:${message}`, ...details });
  const target = logger ?? console;
  if (status === 'debug') target.debug(line);
  else if (status === 'warning') target.warn(line);
  else target.error(line);
}

/** Counts a step of ours that failed, and says so when debugging. */
export function failed(step: string, error: unknown): void {
  shared.failures++;
  if (!debugging) return;
  say('debug', `Cannot ${step}: ${String(error)}`, {
    stack: error instanceof Error ? error.stack : undefined,
    failures: shared.failures,
  });
}

/** Runs one step that may fail without consequence for the next one or for the handler. */
export function guard<T>(step: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    failed(step, error);
    return undefined;
  }
}
