import type { IncomingMessage, ServerResponse } from 'node:http';
import { headerOf, readBody, replyError, replyJson } from './http-exchange.ts';

/** Largest buffered response, in bytes: 6 MiB and the room that Lambda leaves for its own envelope. */
const responseLimitBytes = 6 * 1024 * 1024 + 100;
/** Largest streamed response, in bytes. */
const streamLimitBytes = 200 * 1024 * 1024;

/** What the runtime is given for one invocation. */
export interface RuntimeInvocation {
  readonly requestId: string;
  readonly event: Uint8Array;
  readonly deadlineEpochMs: number;
  readonly invokedFunctionArn: string;
  readonly traceHeader: string;
  /** JSON text. */
  readonly clientContext: string | undefined;
  /** JSON text. */
  readonly cognitoIdentity: string | undefined;
  readonly tenantId: string | undefined;
}

/** Told of a response as it comes in. */
export interface ResponseSink {
  start(head: { readonly contentType: string; readonly streamed: boolean }): void;
  write(chunk: Uint8Array): void;
}

/** How the runtime answered. */
export interface RuntimeAnswer {
  /** Set for an error, whether posted as one or found in the trailers of a stream. */
  readonly error: RuntimeError | undefined;
  readonly producedBytes: number;
  /** `performance.now()` of the first and last byte. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** An error that the runtime reported. */
export interface RuntimeError {
  /** Of a family of Lambda's own; the function's name for it is in the body. */
  readonly errorType: string;
  /** As the caller gets it, JSON in practice. */
  readonly body: Uint8Array;
  /** `Lambda-Runtime-Function-XRay-Error-Cause`, JSON text. */
  readonly xrayCause: string | undefined;
}

interface Running {
  readonly invocation: RuntimeInvocation;
  readonly sink: ResponseSink;
  readonly answer: PromiseWithResolvers<RuntimeAnswer>;
  answering: boolean;
}

/**
 * The Runtime API (`2018-06-01`) of one sandbox: `next`, `response`, `error`, `init/error`, `restore/next`, `restore/error`.
 *
 * One runtime, one invocation at a time: `next` waits until `offer` brings an invocation.
 */
export class RuntimeApi {
  #next: ServerResponse | undefined;
  #restore: ServerResponse | undefined;
  #running: Running | undefined;
  #idle: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #initialised: PromiseWithResolvers<'ready' | 'restorable'> = Promise.withResolvers();
  readonly #initError: PromiseWithResolvers<RuntimeError> = Promise.withResolvers();
  readonly #restored: PromiseWithResolvers<RuntimeError | undefined> = Promise.withResolvers();

  /** Resolves when the runtime asks for its first invocation, or for a restore. */
  get initialised(): Promise<'ready' | 'restorable'> {
    return this.#initialised.promise;
  }

  /** Resolves if the runtime reports that it cannot start. */
  get initError(): Promise<RuntimeError> {
    return this.#initError.promise;
  }

  /** Resolves when the runtime waits in `next`. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Ends the runtime's wait in `restore/next`; resolves once its hooks have run. */
  restore(): Promise<RuntimeError | undefined> {
    if (this.#restore === undefined) return Promise.resolve(undefined);
    replyJson(this.#restore, 200, {});
    this.#restore = undefined;
    return this.#restored.promise;
  }

  /** Gives the waiting runtime an invocation. The promise resolves with its answer; `idle` then tells when it is done. */
  offer(invocation: RuntimeInvocation, sink: ResponseSink): Promise<RuntimeAnswer> {
    const next = this.#next;
    if (next === undefined) throw new Error('Cannot offer an invocation: the runtime is not idle');
    this.#next = undefined;
    this.#idle = Promise.withResolvers();
    const running: Running = {
      invocation,
      sink,
      answer: Promise.withResolvers(),
      answering: false,
    };
    this.#running = running;
    const headers: Record<string, string | number> = {
      'content-type': 'application/json',
      'content-length': invocation.event.byteLength,
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': invocation.deadlineEpochMs,
      'lambda-runtime-invoked-function-arn': invocation.invokedFunctionArn,
      'lambda-runtime-trace-id': invocation.traceHeader,
    };
    if (invocation.clientContext !== undefined) {
      headers['lambda-runtime-client-context'] = invocation.clientContext;
    }
    if (invocation.cognitoIdentity !== undefined) {
      headers['lambda-runtime-cognito-identity'] = invocation.cognitoIdentity;
    }
    if (invocation.tenantId !== undefined) {
      headers['lambda-runtime-aws-tenant-id'] = invocation.tenantId;
    }
    next.writeHead(200, headers);
    next.end(invocation.event);
    return running.answer.promise;
  }

  /** Serves one request below `/2018-06-01/runtime/`; `path` is what follows. */
  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${path}`;
    if (route === 'GET invocation/next') return this.#onNext(response);
    if (route === 'POST init/error') return await this.#onInitError(request, response);
    if (route === 'GET restore/next') return this.#onRestoreNext(response);
    if (route === 'POST restore/error') return await this.#onRestoreError(request, response);
    const match = /^POST invocation\/([^/]+)\/(response|error)$/.exec(route);
    if (match === null) {
      return replyError(response, 404, 'NotFound', `The Runtime API has no ${route}`);
    }
    const running = this.#running;
    if (running === undefined || running.invocation.requestId !== match[1]) {
      request.resume();
      return replyError(response, 400, 'InvalidRequestID', 'Invalid request ID');
    }
    if (running.answering) {
      request.resume();
      return replyError(
        response,
        403,
        'InvalidStateTransition',
        'This invocation was answered already',
      );
    }
    running.answering = true;
    if (match[2] === 'error') return await this.#onError(running, request, response);
    const streamed =
      headerOf(request, 'lambda-runtime-function-response-mode')?.toLowerCase() === 'streaming';
    if (streamed) return await this.#onStream(running, request, response);
    return await this.#onResponse(running, request, response);
  }

  #onNext(response: ServerResponse): void {
    if (this.#running !== undefined && !this.#running.answering) {
      return replyError(
        response,
        403,
        'InvalidStateTransition',
        'The running invocation has no answer yet',
      );
    }
    this.#running = undefined;
    this.#next = response;
    response.once('close', () => {
      if (this.#next === response) this.#next = undefined;
    });
    this.#restored.resolve(undefined);
    this.#initialised.resolve('ready');
    this.#idle.resolve();
  }

  #onRestoreNext(response: ServerResponse): void {
    this.#restore = response;
    this.#initialised.resolve('restorable');
  }

  async #onInitError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#initError.resolve(await readError(request));
    replyJson(response, 202, { status: 'OK' });
  }

  async #onRestoreError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#restored.resolve(await readError(request));
    replyJson(response, 202, { status: 'OK' });
  }

  async #onError(
    running: Running,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const startedAt = performance.now();
    const error = await readError(request);
    replyJson(response, 202, { status: 'OK' });
    running.answer.resolve({
      error,
      producedBytes: error.body.byteLength,
      startedAt,
      endedAt: performance.now(),
    });
  }

  async #onResponse(
    running: Running,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const startedAt = performance.now();
    const body = await readBody(request, responseLimitBytes);
    if (body === undefined) {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${responseLimitBytes} bytes).`;
      const errorType = 'Function.ResponseSizeTooLarge';
      replyError(response, 413, 'RequestEntityTooLarge', errorMessage);
      running.answer.resolve({
        error: {
          errorType,
          body: Buffer.from(JSON.stringify({ errorType, errorMessage })),
          xrayCause: undefined,
        },
        producedBytes: 0,
        startedAt,
        endedAt: performance.now(),
      });
      return;
    }
    running.sink.start({
      contentType: headerOf(request, 'content-type') ?? 'application/json',
      streamed: false,
    });
    running.sink.write(body);
    replyJson(response, 202, { status: 'OK' });
    running.answer.resolve({
      error: undefined,
      producedBytes: body.byteLength,
      startedAt,
      endedAt: performance.now(),
    });
  }

  async #onStream(
    running: Running,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const startedAt = performance.now();
    let producedBytes = 0;
    let error: RuntimeError | undefined;
    running.sink.start({
      contentType: headerOf(request, 'content-type') ?? 'application/octet-stream',
      streamed: true,
    });
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        producedBytes += chunk.byteLength;
        if (producedBytes <= streamLimitBytes) running.sink.write(chunk);
      }
      error = errorInTrailers(request);
    } catch {
      // The runtime went away in the middle of its response.
      error = streamError('Runtime.TruncatedResponse', 'Response ended before its last chunk');
    }
    if (producedBytes > streamLimitBytes) {
      error = streamError('Function.ResponseSizeTooLarge', 'Streamed response passes 200 MiB');
    }
    if (!response.destroyed) replyJson(response, 202, { status: 'OK' });
    running.answer.resolve({ error, producedBytes, startedAt, endedAt: performance.now() });
  }
}

function streamError(errorType: string, errorMessage: string): RuntimeError {
  return {
    errorType,
    body: Buffer.from(JSON.stringify({ errorType, errorMessage })),
    xrayCause: undefined,
  };
}

function errorInTrailers(request: IncomingMessage): RuntimeError | undefined {
  const errorType = request.trailers['lambda-runtime-function-error-type'];
  if (errorType === undefined) return undefined;
  const body = request.trailers['lambda-runtime-function-error-body'] ?? '';
  return {
    errorType: platformErrorType(errorType),
    body: Buffer.from(body, 'base64'),
    xrayCause: undefined,
  };
}

async function readError(request: IncomingMessage): Promise<RuntimeError> {
  const body = (await readBody(request, responseLimitBytes)) ?? Buffer.from('{}');
  return {
    errorType: platformErrorType(headerOf(request, 'lambda-runtime-function-error-type') ?? ''),
    body,
    xrayCause: headerOf(request, 'lambda-runtime-function-xray-error-cause'),
  };
}

/**
 * The error type that reports and telemetry show. Only names of Lambda's own two families get there: what a function calls its
 * errors stays between it and its caller.
 */
export function platformErrorType(text: string): string {
  if (/^(?:Runtime|Function)\.[A-Z][a-zA-Z]+/.test(text)) return text;
  return text.startsWith('Function.') ? 'Function.Unknown' : 'Runtime.Unknown';
}
