import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { headerOf, readBody, replyError, replyJson } from './http-exchange.ts';

/** What an extension can ask to be told of. */
export type ExtensionEventType = 'INVOKE' | 'SHUTDOWN';
/** Why a sandbox ends, in the words of the `SHUTDOWN` event. */
export type ShutdownReason = 'spindown' | 'timeout' | 'failure';

/** An extension that has registered. */
export interface RegisteredExtension {
  readonly id: string;
  readonly name: string;
  /** `false` for one that lives in the runtime's own process. */
  readonly external: boolean;
  readonly events: ReadonlySet<ExtensionEventType>;
}

/** What an extension said about its own end. */
export interface ExtensionFailure {
  readonly name: string;
  readonly errorType: string;
  readonly phase: 'init' | 'exit';
}

interface Extension extends RegisteredExtension {
  /** Its open `event/next`, the sign that it has nothing left to do. */
  next: ServerResponse | undefined;
  /** Events that came while it was busy, oldest first. */
  readonly queue: object[];
}

/**
 * The Extensions API (`2020-01-01`) of one sandbox.
 *
 * Knows who has registered and who is waiting for an event; when to send one is the sandbox's decision.
 */
export class ExtensionsApi {
  readonly #extensions = new Map<string, Extension>();
  readonly #expected: ReadonlySet<string>;
  readonly #describe: { functionName: string; functionVersion: string; handler: string };
  readonly #accountId: string;
  readonly #onReady: (extension: RegisteredExtension) => void;
  readonly #failure: PromiseWithResolvers<ExtensionFailure> = Promise.withResolvers();
  /** Who has asked for an event before. */
  readonly #seen = new Set<string>();
  #closed = false;
  #waiters: { holds: () => boolean; resolve: () => void }[] = [];

  constructor(options: {
    readonly expected: readonly string[];
    readonly functionName: string;
    readonly functionVersion: string;
    readonly handler: string;
    readonly accountId: string;
    /** Called when an extension asks for its first event. */
    readonly onReady: (extension: RegisteredExtension) => void;
  }) {
    this.#expected = new Set(options.expected);
    this.#describe = {
      functionName: options.functionName,
      functionVersion: options.functionVersion,
      handler: options.handler,
    };
    this.#accountId = options.accountId;
    this.#onReady = options.onReady;
  }

  /** Resolves if an extension reports an error of its own. */
  get failure(): Promise<ExtensionFailure> {
    return this.#failure.promise;
  }

  /** Resolves once every external extension has registered. */
  allRegistered(): Promise<void> {
    return this.#until(() => {
      const names = new Set([...this.#extensions.values()].map((one) => one.name));
      return [...this.#expected].every((name) => names.has(name));
    });
  }

  /** Resolves once every extension waits for an event. */
  allWaiting(): Promise<void> {
    return this.#until(() =>
      [...this.#extensions.values()].every((one) => one.next !== undefined && !one.queue.length),
    );
  }

  /** After initialisation nobody may register any more. */
  close(): void {
    this.#closed = true;
  }

  /** The extension behind an identifier that another API was given. */
  find(id: string | undefined): RegisteredExtension | undefined {
    return id === undefined ? undefined : this.#extensions.get(id);
  }

  /** All that have registered. */
  list(): readonly RegisteredExtension[] {
    return [...this.#extensions.values()];
  }

  /** Sends an event to everyone who registered for its type. */
  broadcast(event: {
    readonly eventType: ExtensionEventType;
    readonly deadlineMs: number;
    readonly [field: string]: unknown;
  }): void {
    for (const extension of this.#extensions.values()) {
      if (!extension.events.has(event.eventType)) continue;
      extension.queue.push(event);
      this.#deliver(extension);
    }
  }

  /** Serves one request below `/2020-01-01/extension/`; `path` is what follows. */
  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${path}`;
    if (route === 'POST register') return await this.#onRegister(request, response);
    if (route !== 'GET event/next' && route !== 'POST init/error' && route !== 'POST exit/error') {
      return replyError(response, 404, 'NotFound', `The Extensions API has no ${route}`);
    }
    const extension = this.#identify(request, response);
    if (extension === undefined) return undefined;
    if (route === 'GET event/next') return this.#onNext(extension, response);
    return this.#onError(extension, path === 'init/error' ? 'init' : 'exit', request, response);
  }

  async #onRegister(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, 64 * 1024);
    const name = headerOf(request, 'lambda-extension-name');
    if (name === undefined || name === '') {
      return replyError(response, 403, 'Extension.InvalidExtensionName', 'Empty extension name');
    }
    if (this.#closed) {
      return replyError(
        response,
        403,
        'Extension.RegistrationClosed',
        'Extension registration closed',
      );
    }
    if ([...this.#extensions.values()].some((one) => one.name === name)) {
      return replyError(
        response,
        403,
        'Extension.AlreadyRegistered',
        `An extension has registered as ${name}`,
      );
    }
    if (this.#extensions.size >= 10) {
      return replyError(response, 403, 'Extension.TooManyExtensions', 'More than 10 extensions');
    }
    const events = eventsOf(body);
    if (events === undefined) {
      return replyError(
        response,
        403,
        'InvalidRequestFormat',
        'Expected a JSON object with a list of events',
      );
    }
    const external = this.#expected.has(name);
    const unknown = events.find((event) => event !== 'INVOKE' && event !== 'SHUTDOWN');
    if (unknown !== undefined || (!external && events.includes('SHUTDOWN'))) {
      const problem =
        unknown === undefined ? 'SHUTDOWN is for external extensions' : `${unknown} is no event`;
      return replyError(response, 403, 'Extension.InvalidEventType', problem);
    }
    const extension: Extension = {
      id: randomUUID(),
      name,
      external,
      events: new Set(events as ExtensionEventType[]),
      next: undefined,
      queue: [],
    };
    this.#extensions.set(extension.id, extension);
    const features = headerOf(request, 'lambda-extension-accept-feature') ?? '';
    const accountId = features.split(',').some((one) => one.trim() === 'accountId');
    replyJson(
      response,
      200,
      accountId ? { ...this.#describe, accountId: this.#accountId } : this.#describe,
      { 'lambda-extension-identifier': extension.id },
    );
    this.#changed();
  }

  #identify(request: IncomingMessage, response: ServerResponse): Extension | undefined {
    const id = headerOf(request, 'lambda-extension-identifier');
    if (id === undefined) {
      replyError(
        response,
        403,
        'Extension.MissingHeader',
        'Missing Lambda-Extension-Identifier header',
      );
      return undefined;
    }
    const extension = this.#extensions.get(id);
    if (extension === undefined) {
      replyError(response, 403, 'Extension.UnknownExtensionIdentifier', `Unknown extension ${id}`);
    }
    return extension;
  }

  #onNext(extension: Extension, response: ServerResponse): void {
    if (extension.next !== undefined) {
      return replyError(
        response,
        403,
        'Extension.InvalidExtensionState',
        'This extension waits for an event already',
      );
    }
    const first = !this.#seen.has(extension.id);
    this.#seen.add(extension.id);
    extension.next = response;
    response.once('close', () => {
      if (extension.next === response) extension.next = undefined;
    });
    if (first) this.#onReady(extension);
    this.#deliver(extension);
    this.#changed();
  }

  #onError(
    extension: Extension,
    phase: 'init' | 'exit',
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    request.resume();
    const errorType = headerOf(request, 'lambda-extension-function-error-type');
    if (errorType === undefined) {
      return replyError(
        response,
        403,
        'Extension.MissingHeader',
        'Missing Lambda-Extension-Function-Error-Type header',
      );
    }
    replyJson(response, 202, { status: 'OK' });
    this.#failure.resolve({ name: extension.name, errorType, phase });
  }

  #deliver(extension: Extension): void {
    const response = extension.next;
    if (response === undefined) return;
    const event = extension.queue.shift();
    if (event === undefined) return;
    extension.next = undefined;
    replyJson(response, 200, event, { 'lambda-extension-event-identifier': randomUUID() });
  }

  #until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ holds, resolve });
    return promise;
  }

  #changed(): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!waiter.holds()) return true;
      waiter.resolve();
      return false;
    });
  }
}

/** The list of events in a registration; an empty body or list asks for none. */
function eventsOf(body: Buffer | undefined): string[] | undefined {
  if (body === undefined) return undefined;
  if (body.byteLength === 0) return [];
  try {
    const parsed = JSON.parse(body.toString()) as { events?: unknown } | null;
    const events = parsed?.events ?? [];
    return Array.isArray(events) && events.every((one) => typeof one === 'string')
      ? events
      : undefined;
  } catch {
    return undefined;
  }
}
