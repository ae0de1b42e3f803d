/** One setting: its name in the environment, its place in the YAML file, what it accepts. */
export interface Setting {
  readonly env: string;
  /** Dotted path in the configuration file. */
  readonly key: string;
  readonly kind: 'text' | 'port' | 'count' | 'bytes' | 'switch' | 'list';
  readonly default: string;
  readonly help: string;
  /** Never printed. */
  readonly secret?: true;
}

/** Every setting. `docs/configuration.md` is checked against this list. */
export const SETTINGS = [
  {
    env: 'SPANLOOM_HOST',
    key: 'host',
    kind: 'text',
    default: '127.0.0.1',
    help: 'Address every listener binds. Anything beyond loopback demands ingest keys and an admin token.',
  },
  {
    env: 'SPANLOOM_PORT',
    key: 'port',
    kind: 'port',
    default: '7070',
    help: 'Pages, query API and every other HTTP route.',
  },
  {
    env: 'SPANLOOM_AGENT_PORT',
    key: 'agent_port',
    kind: 'port',
    default: '8126',
    help: 'What tracers expect a Datadog agent to listen on. 0 switches it off.',
  },
  {
    env: 'SPANLOOM_OTLP_HTTP_PORT',
    key: 'otlp_http_port',
    kind: 'port',
    default: '4318',
    help: 'OTLP over HTTP. 0 switches it off.',
  },
  {
    env: 'SPANLOOM_OTLP_GRPC_PORT',
    key: 'otlp_grpc_port',
    kind: 'port',
    default: '4317',
    help: 'OTLP over gRPC. 0 switches it off.',
  },
  {
    env: 'SPANLOOM_XRAY_UDP_PORT',
    key: 'xray_udp_port',
    kind: 'port',
    default: '2000',
    help: 'What X-Ray SDKs expect a daemon to listen on, UDP and TCP. It can ask for no key, so it stays on loopback unless agent routes are open. 0 switches it off.',
  },
  {
    env: 'SPANLOOM_DATA_DIR',
    key: 'data_dir',
    kind: 'text',
    default: './data',
    help: 'Where everything is stored: database and write-ahead log.',
  },
  {
    env: 'SPANLOOM_INGEST_KEYS',
    key: 'ingest_keys',
    kind: 'list',
    default: '',
    help: 'Keys senders may use, 32 lower-case hex characters each, separated by commas. None: senders need no key.',
    secret: true,
  },
  {
    env: 'SPANLOOM_ADMIN_TOKEN',
    key: 'admin_token',
    kind: 'text',
    default: '',
    help: 'Bearer token for reading. None: readers need no token.',
    secret: true,
  },
  {
    env: 'SPANLOOM_OPEN_AGENT_ROUTES',
    key: 'open_agent_routes',
    kind: 'switch',
    default: 'false',
    help: 'Let tracers send without a key although keys are configured: they cannot carry one. For a network you trust.',
  },
  {
    env: 'SPANLOOM_LIVE_MINUTES',
    key: 'retention.live_minutes',
    kind: 'count',
    default: '15',
    help: 'How long every span stays in the live tier.',
  },
  {
    env: 'SPANLOOM_KEPT_DAYS',
    key: 'retention.kept_days',
    kind: 'count',
    default: '15',
    help: 'How long kept spans stay.',
  },
  {
    env: 'SPANLOOM_MAX_BODY_MEMORY',
    key: 'limits.body_memory',
    kind: 'bytes',
    default: '256MiB',
    help: 'Request bodies held in memory at once. Beyond it senders are told to slow down.',
  },
  {
    env: 'SPANLOOM_MAX_PENDING',
    key: 'limits.pending',
    kind: 'bytes',
    default: '256MiB',
    help: 'Spans acknowledged but not yet in the database, in memory. Beyond it senders are told to slow down.',
  },
  {
    env: 'SPANLOOM_MAX_WAL',
    key: 'limits.wal',
    kind: 'bytes',
    default: '4GiB',
    help: 'Write-ahead log on disk. Beyond it senders are told to slow down.',
  },
  {
    env: 'SPANLOOM_ENGINE_MEMORY',
    key: 'engine.memory',
    kind: 'bytes',
    default: '1500MiB',
    help: 'Memory ceiling of the database engine.',
  },
  {
    env: 'SPANLOOM_QUERY_SECONDS',
    key: 'limits.query_seconds',
    kind: 'count',
    default: '20',
    help: 'How long one question to the database may take.',
  },
  {
    env: 'SPANLOOM_LOG_LEVEL',
    key: 'log_level',
    kind: 'text',
    default: 'info',
    help: 'debug, info, warn or error.',
  },
] as const satisfies readonly Setting[];

export type SettingName = (typeof SETTINGS)[number]['env'];
