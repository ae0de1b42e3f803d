import { createHash } from 'node:crypto';

/** What `/info` depends on. */
export interface AgentInfoOptions {
  /** Environment of spans that name none. */
  readonly defaultEnv?: string;
  /**
   * Let tracers compute statistics and keep unsampled traces to themselves. Off by default: live search and tail
   * sampling would see only what the head sampler kept.
   */
  readonly clientDropP0s?: boolean;
}

/** The `/info` document, built once per configuration. */
export interface AgentInfo {
  /** What every agent reply says in `Datadog-Agent-Version`. */
  readonly version: string;
  readonly body: Buffer;
  /** Lower-case hex SHA-256 of `body`, sent as `Datadog-Agent-State`: clients read `/info` again when it changes. */
  readonly stateHash: string;
}

/** From 7.79.0 on the Go tracer does not force client-side statistics on with v1.0; from 7.65.0 Java may compute them. */
const AGENT_VERSION = '7.79.1';

const ENDPOINTS = [
  '/info',
  '/v0.3/traces',
  '/v0.4/traces',
  '/v0.5/traces',
  '/v0.7/traces',
  '/v1.0/traces',
  '/v0.6/stats',
  '/v0.1/pipeline_stats',
  '/profiling/v1/input',
  '/telemetry/proxy/',
  '/tracer_flare/v1',
];

/** Tags that name the other side of a call, used by clients to group their statistics. */
const PEER_TAGS = [
  '_dd.base_service',
  'active_record.db.vendor',
  'amqp.destination',
  'amqp.exchange',
  'amqp.queue',
  'aws.queue.name',
  'aws.s3.bucket',
  'bucketname',
  'cassandra.keyspace',
  'db.cassandra.contact.points',
  'db.couchbase.seed.nodes',
  'db.hostname',
  'db.instance',
  'db.name',
  'db.namespace',
  'db.system',
  'db.type',
  'dns.hostname',
  'grpc.host',
  'hostname',
  'http.host',
  'http.server_name',
  'messaging.destination',
  'messaging.destination.name',
  'messaging.kafka.bootstrap.servers',
  'messaging.rabbitmq.exchange',
  'messaging.system',
  'mongodb.db',
  'msmq.queue.path',
  'net.peer.name',
  'network.destination.ip',
  'network.destination.name',
  'out.host',
  'peer.hostname',
  'peer.service',
  'queuename',
  'rpc.service',
  'rpc.system',
  'sequel.db.vendor',
  'server.address',
  'streamname',
  'tablename',
  'topicname',
];

/**
 * Builds `/info`. Byte-stable between configuration changes: fixed key order, no clocks.
 *
 * What is left out matters as much: `statsd_port` would redirect DogStatsD, an incomplete `obfuscation` fails
 * libdatadog's parser, and unlisted proxies keep clients from sending what has no place here yet.
 */
export function buildAgentInfo(options: AgentInfoOptions = {}): AgentInfo {
  const body = Buffer.from(
    JSON.stringify({
      client_drop_p0s: options.clientDropP0s ?? false,
      config: {
        default_env: options.defaultEnv ?? 'none',
        max_eps: 200,
        max_request_bytes: 26_214_400,
        receiver_timeout: 0,
        target_tps: 10,
      },
      endpoints: ENDPOINTS,
      evp_proxy_allowed_headers: [
        'Content-Type',
        'Accept-Encoding',
        'Content-Encoding',
        'User-Agent',
        'DD-CI-PROVIDER-NAME',
      ],
      feature_flags: [],
      git_commit: 'spanloom',
      long_running_spans: false,
      peer_tags: PEER_TAGS,
      span_events: true,
      span_kinds_stats_computed: ['server', 'client', 'producer', 'consumer'],
      span_meta_structs: true,
      version: AGENT_VERSION,
    }),
  );
  const stateHash = createHash('sha256').update(body).digest('hex');
  return { version: AGENT_VERSION, body, stateHash };
}
