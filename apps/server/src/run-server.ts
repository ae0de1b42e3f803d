import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createApi, LiveSpans } from '@spanloom/api';
import { systemClock } from '@spanloom/base';
import { decodeRecord } from '@spanloom/codec';
import type { ListenerJson } from '@spanloom/contract';
import {
  Intake,
  type Listener,
  startAgentListener,
  startOtlpGrpcListener,
  startOtlpHttpListener,
  startSharedListener,
  startXRayListener,
} from '@spanloom/intake';
import { keysOfBatch } from '@spanloom/merge';
import {
  type Database,
  migrate,
  openEmbeddedDatabase,
  SpanAnalytics,
  SpanServices,
  SpanStore,
  Writer,
} from '@spanloom/storage';
import { Gauge, Registry } from 'prom-client';
import { type Config, isLoopback } from './config.ts';
import { lockDataDirectory } from './data-lock.ts';
import type { Log } from './log.ts';
import { analyticsReader, recentReader, servicesReader, spanReader } from './span-reads.ts';
import { openCrawler } from './start-crawler.ts';
import { statsRows } from './stats-rows.ts';
import { systemReader } from './system-facts.ts';
import { webPages } from './web-pages.ts';
import { xrayControl } from './xray-control.ts';

/** What a server is started with. */
export interface ServerOptions {
  readonly config: Config;
  /** Run the traced shop too. */
  readonly demo: boolean;
  readonly log: Log;
  readonly version: string;
  /** Ends the server. */
  readonly stop: AbortSignal;
}

const PAGES = join(import.meta.dirname, '..', '..', 'web', 'dist');

/**
 * Runs until `stop` aborts, then closes everything in reverse order of opening. Listening comes before the database: payloads
 * that arrive meanwhile are durable in the write-ahead log and follow.
 *
 * @throws {ConfigError} If a port, the data directory or a setting cannot be used.
 */
export async function runServer(options: ServerOptions): Promise<void> {
  const { config, log, stop } = options;
  const retention = { liveMinutes: config.liveMinutes, keptDays: config.keptDays };
  const reportError = (error: unknown, doing: string): void => log.error(doing, error);
  const registry = new Registry();
  let database: Database | undefined;
  let store: SpanStore | undefined;
  let analytics: SpanAnalytics | undefined;
  let services: SpanServices | undefined;

  let writing: Writer | undefined;
  const spans = spanReader(() => store);
  const live = new LiveSpans({
    stored: recentReader(spans, () => writing?.status.attached === true),
    clock: systemClock,
    windowMs: config.liveMinutes * 60_000,
  });
  const liveStreams: Gauge = new Gauge({
    name: 'spanloom_live_streams',
    help: 'Streams of live spans that are open',
    registers: [registry],
    collect: () => liveStreams.set(live.streams),
  });

  await using open = new AsyncDisposableStack();
  open.use(await lockDataDirectory(config.dataDir));
  open.defer(() => database?.[Symbol.asyncDispose]());
  const writer = open.use(
    await Writer.open({
      directory: join(config.dataDir, 'wal'),
      clock: systemClock,
      registry,
      retention,
      limits: { pendingBytes: config.pendingBytes, walBytes: config.walBytes },
      decode: decodeRecord,
      statsRows,
      traceKeys: keysOfBatch,
      observer: live,
      report: (message) => log.warn(message),
    }),
  );
  writing = writer;
  const intake = new Intake({
    sink: writer,
    registry,
    clock: systemClock,
    keys: config.ingestKeys,
    openAgentRoutes: config.openAgentRoutes || isLoopback(config.host),
    reportError,
    memoryBytes: config.bodyMemoryBytes,
  });
  const demo = options.demo ? await import('@spanloom/demo') : undefined;
  const [xrayPort = 0] = demo === undefined ? [] : await demo.freePorts(1);
  const crawler = await openCrawler({
    config,
    demo: demo?.xrayAt(xrayPort),
    writer,
    clock: systemClock,
    registry,
    log,
    open,
  });
  const listeners: Listener[] = [];
  const api = createApi({
    spans,
    analytics: analyticsReader(() => analytics),
    services: servicesReader(() => services),
    live,
    xray: xrayControl(crawler, systemClock),
    system: systemReader({
      version: options.version,
      clock: systemClock,
      registry,
      writer,
      intake,
      database: () => database,
      store: () => store,
      listeners: () => listenerList(listeners),
    }),
    clock: systemClock,
    token: config.adminToken,
    reportError,
  });
  const readers = getRequestListener(api.route('/', webPages(PAGES)).fetch);

  const { host } = config;
  const listen = async (started: Promise<Listener>): Promise<void> => {
    const listener = open.use(await started);
    listeners.push(listener);
    log.info(`  ${LISTENER_NAMES[listener.name].padEnd(22)} ${listener.address}`);
  };
  log.info(`Spanloom ${options.version}, data in ${config.dataDir}`);
  await listen(
    startSharedListener(intake, { host, port: config.port }, (request, response) => {
      if (intake.handleSharedPort(request, response, isReaderRoute)) return;
      void readers(request, response);
    }),
  );
  if (config.agentPort !== 0) {
    await listen(startAgentListener(intake, { host, port: config.agentPort }));
  }
  if (config.otlpHttpPort !== 0) {
    await listen(startOtlpHttpListener(intake, { host, port: config.otlpHttpPort }));
  }
  if (config.otlpGrpcPort !== 0) {
    await listen(startOtlpGrpcListener(intake, { host, port: config.otlpGrpcPort }));
  }

  if (config.xrayUdpPort !== 0) {
    // A datagram carries no key, so beyond loopback it has to be wanted.
    const xrayHost = config.openAgentRoutes || isLoopback(host) ? host : '127.0.0.1';
    await listen(startXRayListener(intake, { host: xrayHost, port: config.xrayUdpPort }));
  }

  // Streams have no end of their own: they are ended before the listeners, which wait for what runs.
  open.use(live);
  database = await openEmbeddedDatabase({
    directory: config.dataDir,
    memoryBytes: config.engineMemoryBytes,
    querySeconds: config.querySeconds,
  });
  await migrate(database, { clock: systemClock, retention });
  store = new SpanStore(database);
  analytics = new SpanAnalytics(database);
  services = new SpanServices(database);
  for (const { table, part, reason } of await store.brokenParts()) {
    log.warn(`The database set aside part ${part} of ${table}, which it could not read: ${reason}`);
  }
  await writer.attach(database);
  // The demo's X-Ray is started with the demo: reading it before would only show failed calls.
  if (demo === undefined) await crawler?.start();
  log.info(`Spanloom is ready: ${pageAddress(host, listeners)}`);

  if (demo !== undefined) {
    const agent = listeners.find(({ name }) => name === 'agent') ?? listeners[0]!;
    await demo.startDemo({
      agentUrl: `http://127.0.0.1:${agent.port}`,
      xrayPort,
      onXRay: () => void crawler?.start().catch((error: unknown) => reportError(error, 'X-Ray')),
      signal: stop,
      log: (line) => log.info(line),
    });
  }
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve));
}

const LISTENER_NAMES: Readonly<Record<ListenerJson['name'], string>> = {
  http: 'pages and intake',
  agent: 'Datadog agent API',
  'otlp-http': 'OTLP over HTTP',
  'otlp-grpc': 'OTLP over gRPC',
  dogstatsd: 'DogStatsD',
  xray: 'X-Ray daemon',
};

const PLANNED = ['http', 'agent', 'otlp-http', 'otlp-grpc', 'xray'] as const;

function listenerList(listeners: readonly Listener[]): ListenerJson[] {
  return PLANNED.map((name) => ({
    name,
    address: listeners.find((listener) => listener.name === name)?.address ?? null,
  }));
}

/** Routes below `/api` that are for readers although they are written to. */
const READER_ROUTES: ReadonlySet<string> = new Set([
  '/api/v2/spans/events/search',
  '/api/v2/spans/analytics/aggregate',
  '/api/session',
]);

function isReaderRoute(_method: string, path: string): boolean {
  return READER_ROUTES.has(path) || path.startsWith('/api/xray/');
}

function pageAddress(host: string, listeners: readonly Listener[]): string {
  const port = listeners.find(({ name }) => name === 'http')?.port ?? 0;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
