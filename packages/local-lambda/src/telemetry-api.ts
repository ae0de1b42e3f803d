import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegisteredExtension } from './extensions-api.ts';
import { headerOf, readBody, replyError } from './http-exchange.ts';
import { telemetrySchemas, type TelemetryEvent, type TelemetryStream } from './telemetry-event.ts';
import { TelemetrySubscription, type SubscriptionRequest } from './telemetry-subscription.ts';

const streams: readonly TelemetryStream[] = ['platform', 'function', 'extension'];

/**
 * The Telemetry API (`2022-07-01`) of one sandbox: subscriptions, and the way of every event to them.
 *
 * Events from before a subscription are kept until initialisation ends, so that a subscriber sees `platform.initStart`.
 */
export class TelemetryApi {
  readonly #find: (id: string | undefined) => RegisteredExtension | undefined;
  readonly #onSubscribed: (name: string, types: readonly TelemetryStream[]) => void;
  readonly #subscriptions = new Map<string, TelemetrySubscription>();
  #backlog: TelemetryEvent[] = [];
  #closed = false;

  constructor(options: {
    readonly find: (id: string | undefined) => RegisteredExtension | undefined;
    readonly onSubscribed: (name: string, types: readonly TelemetryStream[]) => void;
  }) {
    this.#find = options.find;
    this.#onSubscribed = options.onSubscribed;
  }

  /** Hands an event to every subscriber. */
  publish(event: TelemetryEvent): void {
    if (!this.#closed) this.#backlog.push(event);
    for (const subscription of this.#subscriptions.values()) subscription.push(event);
  }

  /** After initialisation nobody may subscribe any more. */
  close(): void {
    this.#closed = true;
    this.#backlog = [];
  }

  /** Holds deliveries back while the sandbox is frozen. */
  pause(): void {
    for (const subscription of this.#subscriptions.values()) subscription.pause();
  }

  /** Goes on after a freeze. */
  resume(): void {
    for (const subscription of this.#subscriptions.values()) subscription.resume();
  }

  /** Delivers all that is queued. */
  async flush(): Promise<void> {
    await Promise.all([...this.#subscriptions.values()].map((one) => one.flush()));
  }

  /** Forgets what is queued. */
  stop(): void {
    for (const subscription of this.#subscriptions.values()) subscription.stop();
  }

  /** Serves `PUT /2022-07-01/telemetry`. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, 64 * 1024);
    if (request.method !== 'PUT') {
      return replyError(response, 404, 'NotFound', `The Telemetry API has no ${request.method}`);
    }
    const extension = this.#find(headerOf(request, 'lambda-extension-identifier'));
    if (extension === undefined) {
      return replyError(
        response,
        403,
        'Extension.UnknownExtensionIdentifier',
        'Give the Lambda-Extension-Identifier of a registration',
      );
    }
    if (this.#closed) {
      return replyError(
        response,
        403,
        'Telemetry.SubscriptionClosed',
        'Subscribe before the first event/next',
      );
    }
    const parsed = parseSubscription(body?.toString() ?? '');
    if (typeof parsed === 'string') return replyError(response, 400, 'ValidationError', parsed);
    const subscription = new TelemetrySubscription(parsed);
    // A second request of the same extension replaces the first, as on Lambda.
    this.#subscriptions.get(extension.id)?.stop();
    this.#subscriptions.set(extension.id, subscription);
    for (const event of this.#backlog) subscription.push(event);
    this.#onSubscribed(extension.name, parsed.types);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end('OK');
  }
}

/** The checked request, or what is wrong with it. */
export function parseSubscription(text: string): SubscriptionRequest | string {
  let body: {
    schemaVersion?: unknown;
    types?: unknown;
    buffering?: Record<string, unknown>;
    destination?: { protocol?: unknown; URI?: unknown; uri?: unknown; port?: unknown };
  };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    return 'The body is not JSON';
  }
  if (typeof body !== 'object' || body === null) return 'The body is not an object';
  const schemaVersion = body.schemaVersion;
  if (typeof schemaVersion !== 'string' || !telemetrySchemas.includes(schemaVersion)) {
    return `schemaVersion must be one of ${telemetrySchemas.join(', ')}`;
  }
  const types = body.types;
  if (!Array.isArray(types) || types.length === 0) return 'types must be a list of streams';
  if (!types.every((one) => streams.includes(one as TelemetryStream))) {
    return `types must be among ${streams.join(', ')}`;
  }
  const buffering = body.buffering ?? {};
  const maxItems = within(buffering, 'maxItems', { least: 1000, most: 10_000, usual: 10_000 });
  const maxBytes = within(buffering, 'maxBytes', {
    least: 262_144,
    most: 1_048_576,
    usual: 262_144,
  });
  const timeoutMs = within(buffering, 'timeoutMs', { least: 25, most: 30_000, usual: 1000 });
  for (const one of [maxItems, maxBytes, timeoutMs]) if (typeof one === 'string') return one;
  const destination = parseDestination(body.destination ?? {});
  if (typeof destination === 'string') return destination;
  return {
    schemaVersion,
    types: types as TelemetryStream[],
    maxItems: maxItems as number,
    maxBytes: maxBytes as number,
    timeoutMs: timeoutMs as number,
    destination,
  };
}

function within(
  buffering: Readonly<Record<string, unknown>>,
  name: string,
  bounds: { least: number; most: number; usual: number },
): number | string {
  const value = buffering[name] ?? bounds.usual;
  if (typeof value === 'number' && value >= bounds.least && value <= bounds.most) return value;
  return `buffering.${name} must be from ${bounds.least} to ${bounds.most}`;
}

function parseDestination(destination: {
  protocol?: unknown;
  URI?: unknown;
  uri?: unknown;
  port?: unknown;
}): SubscriptionRequest['destination'] | string {
  if (destination.protocol === 'TCP') {
    return typeof destination.port === 'number'
      ? { protocol: 'TCP', port: destination.port }
      : 'destination.port must be a number';
  }
  if (destination.protocol !== 'HTTP') return 'destination.protocol must be HTTP or TCP';
  const uri = destination.URI ?? destination.uri;
  if (typeof uri !== 'string' || !URL.canParse(uri)) return 'destination.URI must be a URL';
  const url = new URL(uri);
  if (!/^sandbox(\.localdomain)?$/.test(url.hostname)) {
    return 'destination.URI must name the host sandbox or sandbox.localdomain';
  }
  // The name resolves only within a sandbox; here everyone shares the loopback address.
  url.hostname = '127.0.0.1';
  return { protocol: 'HTTP', url };
}
