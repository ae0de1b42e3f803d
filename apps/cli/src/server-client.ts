import { SpanloomError } from '@spanloom/base';
import type { ErrorResponse } from '@spanloom/contract';

/** A Spanloom server could not be reached, or what answered is none. */
export class UnreachableError extends SpanloomError {
  override readonly name = 'UnreachableError';
  readonly code = 'UNREACHABLE';
}

/** The server answered with an error. */
export class ServerError extends SpanloomError {
  override readonly name = 'ServerError';
  /** The server's own code: `BAD_QUERY`. */
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(status: number, error: ErrorResponse['error']) {
    super(error.message);
    this.code = error.code;
    this.status = status;
    this.details = error.details;
  }
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** A running server, over HTTP. */
export class ServerClient {
  readonly url: string;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal;

  /** @param signal Ends every request. */
  constructor(url: string, token: string | undefined, signal: AbortSignal) {
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#signal = signal;
  }

  get<T>(path: string): Promise<T> {
    return this.#json<T>('GET', path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#json<T>('POST', path, body);
  }

  /** @param signal Instead of the client's: what cancels has to be sent although everything else was stopped. */
  delete<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#json<T>('DELETE', path, undefined, signal);
  }

  /** An answer that goes on until somebody ends it. */
  async stream(
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send('GET', path, { headers, signal: this.#signal });
    if (!response.ok) throw await this.#errorOf(response);
    if (response.body === null) throw this.#foreign(response);
    return response.body;
  }

  async #json<T>(
    method: string,
    path: string,
    body?: unknown,
    signal: AbortSignal = this.#signal,
  ): Promise<T> {
    const response = await this.#send(method, path, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEFAULT_TIMEOUT_MS)]),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw await this.#errorOf(response);
    try {
      return (await response.json()) as T;
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#foreign(response);
      throw this.#explain(error);
    }
  }

  async #send(
    method: string,
    path: string,
    init: { body?: string; headers?: Readonly<Record<string, string>>; signal: AbortSignal },
  ): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        ...init,
        method,
        // A redirect would carry the token to wherever it points.
        redirect: 'manual',
        headers: {
          accept: 'application/json',
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          ...init.headers,
        },
      });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async #errorOf(response: Response): Promise<SpanloomError> {
    const text = await response.text().catch(() => '');
    let body: Partial<ErrorResponse> | undefined;
    try {
      body = JSON.parse(text) as Partial<ErrorResponse>;
    } catch {
      return this.#foreign(response);
    }
    if (typeof body?.error?.message !== 'string') return this.#foreign(response);
    if (response.status === 401) {
      return new ServerError(401, {
        ...body.error,
        message:
          this.#token === undefined
            ? `${this.url} asks for the admin token: give it with SPANLOOM_ADMIN_TOKEN or --token`
            : `${this.url} does not know this admin token: check SPANLOOM_ADMIN_TOKEN or --token`,
      });
    }
    if (body.error.code === 'NO_SUCH_ROUTE') {
      const message = `${body.error.message} at ${this.url}: the server is of another version than this command`;
      return new ServerError(404, { ...body.error, message });
    }
    return new ServerError(response.status, body.error);
  }

  #foreign(response: Response): UnreachableError {
    return new UnreachableError(
      `${this.url} answered ${response.status} to ${new URL(response.url).pathname}, but not as a Spanloom server does: check --url`,
    );
  }

  #explain(error: unknown): unknown {
    if (error === this.#signal.reason) return error;
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    if ((error as Error).name === 'TimeoutError') {
      return new UnreachableError(
        `No answer from ${this.url} within ${DEFAULT_TIMEOUT_MS / 1000} s`,
        { cause: error },
      );
    }
    const why =
      cause?.code === 'ECONNREFUSED'
        ? 'nothing listens there. Start it with npm start, or name another address with --url or SPANLOOM_URL'
        : `${cause?.code ?? cause?.message ?? (error as Error).message}. Check --url or SPANLOOM_URL`;
    return new UnreachableError(`Cannot reach Spanloom at ${this.url}: ${why}`, { cause: error });
  }
}
