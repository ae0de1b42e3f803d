import { errorMessage } from '@spanloom/base';
import { redactSecrets } from './redact-secrets.ts';

/** What an error thrown by the SDK says about itself, whatever its class. */
export interface ErrorFacts {
  /** The code AWS gave, or the name of a problem below HTTP: `AccessDeniedException`, `ENOTFOUND`, `TimeoutError`. */
  readonly name: string;
  /** Without secrets. */
  readonly message: string;
  /** HTTP status; `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** An answer came that is none of AWS's: a proxy's or portal's page. */
  readonly foreignAnswer: boolean;
}

/** Reads an unknown thrown value. */
export function errorFacts(error: unknown): ErrorFacts {
  const root = deepest(error);
  const code = field(root, 'code');
  const name =
    typeof code === 'string' && isSystemCode(code)
      ? code
      : ((field(root, 'name') as string | undefined) ?? 'Error');
  const metadata = field(root, '$metadata') ?? field(error, '$metadata');
  const status = field(metadata, 'httpStatusCode');
  return {
    name,
    message: redactSecrets(firstMessage(root)).trim(),
    status: typeof status === 'number' ? status : undefined,
    foreignAnswer: name === 'SyntaxError' && typeof status === 'number',
  };
}

/** Credential providers and Node's connection attempts wrap what went wrong; the innermost error says it best. */
function deepest(error: unknown): unknown {
  let at = error;
  for (let depth = 0; depth < 5; depth++) {
    const inner: unknown = at instanceof AggregateError ? at.errors[0] : field(at, 'cause');
    if (!(inner instanceof Error)) return at;
    at = inner;
  }
  return at;
}

function firstMessage(error: unknown): string {
  const message = errorMessage(error);
  // The SDK adds a hint for developers on lines of its own.
  return message.split(/\n\s*Deserialization error:/)[0]!;
}

function isSystemCode(code: string): boolean {
  return /^[A-Z][A-Z0-9_]{3,}$/.test(code);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
