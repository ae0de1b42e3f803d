/** How much is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Lines for the person who runs the server: standard output, warnings and errors on standard error. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log that writes lines of `level` and above. */
export function consoleLog(level: LogLevel): Log {
  const wants = (one: LogLevel): boolean => RANK[one] >= RANK[level];
  return {
    debug: (message) => wants('debug') && console.log(message),
    info: (message) => wants('info') && console.log(message),
    warn: (message) => wants('warn') && console.warn(`warning: ${message}`),
    error: (message, cause) => {
      console.error(`error: ${message}`);
      if (cause !== undefined) console.error(cause);
    },
  };
}
