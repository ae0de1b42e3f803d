import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallLog } from './call-log.ts';
import { LocalXRayError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { RetrievalJobs } from './operations/retrieval-jobs.ts';
import { PageTokens } from './page-tokens.ts';
import { Script } from './script.ts';
import type { NumberForm } from './store/render-document.ts';
import { RegionState, type EventTime, type RegionSettings } from './store/region-state.ts';
import { FrontDoor } from './wire/front-door.ts';
import { Identities, type AccountOptions } from './wire/identities.ts';

/** How the service is to be. Everything has a default. */
export interface LocalXRayOptions {
  /** 0, the default, for any free one. */
  readonly port?: number;
  /** Where to listen. Default: `127.0.0.1`. */
  readonly host?: string;
  /** The clock, in epoch milliseconds. Default: the real one. Sessions of roles go by the real one in any case. */
  readonly now?: () => number;
  /** How many traces a page looks at. Default: 100. */
  readonly pageSize?: number;
  /** How long a `NextToken` is good. Default: 5 minutes. */
  readonly tokenLifetimeMs?: number;
  /** How numbers in documents are written. Default: `varying`, from one answer to the next. */
  readonly numbers?: NumberForm | 'varying';
  /**
   * What a listing of type `Event` goes by: when a document arrived (default), or the times in the documents, with which a document that
   * arrives late is listed in a window that is long past.
   */
  readonly eventTime?: EventTime;
  /** The longest window of a listing. Default: none. */
  readonly maxWindowMs?: number;
  /** How much all documents of a trace may have together. Default: 500 kB. */
  readonly traceLimitBytes?: number;
  /** How long a switch of the destination stays pending. Default: 0. */
  readonly destinationPendingMs?: number;
  /** Who may call. Default: everybody, for the account that is their access key id, and any role can be assumed. */
  readonly accounts?: readonly AccountOptions[];
  /** Regions that the accounts have opted in to. Default: all. */
  readonly regions?: readonly string[];
}

/** Documents of a growing trace, and when they can be seen. */
export interface GrowthStep {
  readonly visibleAt: number;
  readonly documents: readonly (JsonObject | string)[];
}

/** X-Ray on a port, with what it needs of STS and CloudWatch Logs. In memory, until it is disposed of. */
export class LocalXRay implements AsyncDisposable {
  /** The `endpoint` for clients. */
  readonly url: string;
  /** Makes it misbehave. */
  readonly script: Script;
  /** What it was asked. */
  readonly calls: CallLog;
  readonly #server: Server;
  readonly #settings: RegionSettings;
  readonly #regions: Map<string, RegionState>;

  private constructor(
    server: Server,
    url: string,
    parts: {
      readonly script: Script;
      readonly calls: CallLog;
      readonly settings: RegionSettings;
      readonly regions: Map<string, RegionState>;
    },
  ) {
    this.#server = server;
    this.url = url;
    this.script = parts.script;
    this.calls = parts.calls;
    this.#settings = parts.settings;
    this.#regions = parts.regions;
  }

  /** Starts it. @throws {LocalXRayError} `CANNOT_START` if the port is taken, `BAD_OPTION` for options that make no sense. */
  static async start(options: LocalXRayOptions = {}): Promise<LocalXRay> {
    checkOptions(options);
    const now = options.now ?? Date.now;
    const identities = new Identities(options.accounts, options.regions);
    const script = new Script(now, () => identities.expireSessions());
    const calls = new CallLog();
    const regions = new Map<string, RegionState>();
    const settings: RegionSettings = {
      now,
      eventTime: options.eventTime ?? 'update',
      traceLimitBytes: options.traceLimitBytes ?? 500_000,
    };
    const door = new FrontDoor({
      identities,
      script,
      calls,
      now,
      region: (account, region) => regionOf(regions, account, region, settings),
      tokens: new PageTokens(now, options.tokenLifetimeMs ?? 300_000),
      retrievals: new RetrievalJobs(),
      pageSize: options.pageSize ?? 100,
      numbers: options.numbers ?? 'varying',
      maxWindowMs: options.maxWindowMs,
      destinationPendingMs: options.destinationPendingMs ?? 0,
    });
    const server = createServer((request, response) => void door.answer(request, response));
    // Longer than clients keep idle connections: closing one that is about to be used again would look like a failure.
    server.keepAliveTimeout = 65_000;
    const host = options.host ?? '127.0.0.1';
    await listen(server, options.port ?? 0, host);
    const { port } = server.address() as AddressInfo;
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new LocalXRay(server, url, { script, calls, settings, regions });
  }

  /**
   * Stores documents, as objects or as JSON text. Trace ids may be of any age.
   *
   * @param options.visibleAt When readers can see them; now, if left out.
   * @throws {LocalXRayError} `BAD_DOCUMENT` if X-Ray would refuse one.
   */
  put(
    account: string,
    region: string,
    documents: readonly (JsonObject | string)[],
    options: { readonly visibleAt?: number } = {},
  ): void {
    this.region(account, region).put(documents, options);
  }

  /** Stores the documents of a trace that grows: each step is seen from its time on. */
  grow(account: string, region: string, steps: readonly GrowthStep[]): void {
    for (const { visibleAt, documents } of steps) {
      this.put(account, region, documents, { visibleAt });
    }
  }

  /** The state of one account in one region. */
  region(account: string, region: string): RegionState {
    return regionOf(this.#regions, account, region, this.#settings);
  }

  /** Stops listening and ends open connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

function regionOf(
  regions: Map<string, RegionState>,
  account: string,
  region: string,
  settings: RegionSettings,
): RegionState {
  const key = `${account} ${region}`;
  let state = regions.get(key);
  if (state === undefined) {
    state = new RegionState(account, region, settings);
    regions.set(key, state);
  }
  return state;
}

function checkOptions({ accounts, pageSize }: LocalXRayOptions): void {
  const bad = accounts?.find((one) => !/^\d{12}$/.test(one.id));
  if (bad !== undefined) {
    throw new LocalXRayError(
      'BAD_OPTION',
      `Cannot start the local X-Ray with account '${bad.id}': expected twelve digits`,
    );
  }
  if (pageSize !== undefined && !(Number.isInteger(pageSize) && pageSize > 0)) {
    throw new LocalXRayError(
      'BAD_OPTION',
      `Cannot start the local X-Ray with pages of ${pageSize}: expected a whole number from 1 on`,
    );
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const advice = cause.code === 'EADDRINUSE' ? ': already in use; give another port, or 0' : '';
      reject(
        new LocalXRayError(
          'CANNOT_START',
          `Cannot start the local X-Ray on ${host}:${port}${advice || `: ${cause.message}`}`,
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
