import type { EntityClass } from './service-graph.ts';

/** What a client, producer or consumer span says of the other end: its own columns, and those of its attributes that tell. */
export interface PeerFacts {
  readonly service: string;
  readonly kind: 'client' | 'producer' | 'consumer';
  readonly type: string;
  readonly isXRay: boolean;
  readonly tags: ReadonlyMap<string, string>;
}

/** The other end of a call. */
export interface PeerEntity {
  readonly class: EntityClass;
  readonly name: string;
  /** What it is, if nothing of it is stored: a class of `service` means whatever goes by that name. */
  readonly type: EntityClass;
}

/** Where a name is looked for, by the class of the other end. The first that is there counts. */
const NAMES: Readonly<Partial<Record<EntityClass, readonly string[]>>> = {
  queue: [
    'messaging.destination.name',
    'messaging.destination',
    'topicname',
    'queuename',
    'streamname',
    'aws.queue.name',
    'aws.kinesis.stream_name',
    'kafka.topic',
    'messaging.kafka.bootstrap.servers',
    'messaging.system',
  ],
  database: [
    'db.name',
    'db.namespace',
    'db.instance',
    'mongodb.db',
    'cassandra.keyspace',
    'tablename',
    'aws.dynamodb.table_names',
    'db.cassandra.contact.points',
    'db.couchbase.seed.nodes',
  ],
  storage: ['bucketname', 'aws.s3.bucket'],
  bus: ['eventbusname', 'rulename'],
  workflow: ['statemachinename'],
  function: ['functionname', 'faas.invoked_name'],
  service: ['rpc.service'],
};

const HOSTS = [
  'peer.hostname',
  'out.host',
  'network.destination.name',
  'net.peer.name',
  'server.address',
  'http.host',
  'db.hostname',
  'grpc.host',
  'http.server_name',
];

/** Attributes that hold an address, of which the host alone is asked for. */
export const URL_TAGS: readonly string[] = ['http.url', 'url.full'];

const SYSTEMS = ['db.system', 'db.system.name', 'db.type'];

/** Every attribute that is looked at. */
export const PEER_TAGS: readonly string[] = [
  'peer.service',
  '_dd.base_service',
  'aws.service',
  'aws_service',
  'rpc.system',
  ...SYSTEMS,
  ...HOSTS,
  ...URL_TAGS,
  ...Object.values(NAMES).flat(),
];

const CACHES = /^(?:cache|redis|memcached|valkey|elasticache)$/;
const DATABASES = /^(?:sql|db|mongodb|cassandra|elasticsearch|opensearch)$/;

const AWS: Readonly<Record<string, EntityClass>> = {
  sqs: 'queue',
  sns: 'queue',
  kinesis: 'queue',
  firehose: 'queue',
  events: 'bus',
  eventbridge: 'bus',
  cloudwatchevents: 'bus',
  s3: 'storage',
  dynamodb: 'database',
  states: 'workflow',
  stepfunctions: 'workflow',
  sfn: 'workflow',
  lambda: 'function',
};

/**
 * What a span names as the other end of its call; undefined when it names none. A name that was given on purpose goes before any
 * that is derived; X-Ray's is no such name, it says "DynamoDB" for every table.
 *
 * Of a consumer only its queue is asked.
 */
export function peerEntity(facts: PeerFacts): PeerEntity | undefined {
  const { tags, service, isXRay, kind } = facts;
  const base = tags.get('_dd.base_service') ?? '';
  // Some tracers give calls a service of their own: that is the other end already.
  if (kind !== 'consumer' && base !== '' && base !== service) return undefined;
  const type = typeOf(facts);
  if (kind === 'consumer' && type !== 'queue') return undefined;
  const given = isXRay ? '' : (tags.get('peer.service') ?? '');
  const name = given || nameOf(type, facts);
  if (name === '') return undefined;
  const named = type === 'function' || type === 'external' ? 'service' : type;
  return { class: named, name, type };
}

function typeOf({ kind, type, tags }: PeerFacts): EntityClass {
  const aws = awsService(tags);
  if (aws !== '') return AWS[aws] ?? 'aws';
  const system = databaseSystem(tags);
  if (CACHES.test(type) || CACHES.test(system)) return 'cache';
  if (system !== '' || tags.has('db.name') || DATABASES.test(type)) return 'database';
  const isMessage = kind !== 'client' || tags.has('messaging.system') || type === 'queue';
  return isMessage ? 'queue' : 'external';
}

function nameOf(type: EntityClass, { tags, isXRay, type: spanType }: PeerFacts): string {
  const aws = awsService(tags);
  const stated = first(tags, NAMES[type] ?? []);
  const host = hostOf(tags, isXRay);
  switch (type) {
    case 'queue':
      return stated || host || aws;
    case 'database':
      return firstOfList(stated) || (aws === '' ? host : '') || databaseSystem(tags) || aws;
    case 'cache':
      return host || databaseSystem(tags) || spanType;
    case 'bus':
      return stated || 'default';
    case 'external':
      return first(tags, NAMES.service!) || host;
    default:
      return stated || aws;
  }
}

/** `dynamodb`, `sqs`. Senders spell it `AWSDynamoDB` too. */
function awsService(tags: ReadonlyMap<string, string>): string {
  const remote = tags.get('rpc.system') === 'aws-api' ? (tags.get('rpc.service') ?? '') : '';
  const stated = first(tags, ['aws.service', 'aws_service']) || remote;
  return stated.toLowerCase().replace(/^(?:aws|amazon)[. ]?/, '');
}

function databaseSystem(tags: ReadonlyMap<string, string>): string {
  return first(tags, SYSTEMS).toLowerCase();
}

/** Any address that is only a number stands for all of them: there may be thousands, and none means anything to a reader. */
function hostOf(tags: ReadonlyMap<string, string>, isXRay: boolean): string {
  const callee = isXRay ? (tags.get('peer.service') ?? '') : '';
  const host = (first(tags, HOSTS) || callee || first(tags, URL_TAGS)).replace(/:\d+$/, '');
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$|^\[?[\da-f]*:[\da-f:.]*\]?$/i.test(host);
  return isAddress ? 'IP targets' : host;
}

/** `["orders","items"]`, as OpenTelemetry writes lists, is `orders`. */
function firstOfList(text: string): string {
  return text.startsWith('[') ? (/[^[\]", ]+/.exec(text)?.[0] ?? '') : text;
}

function first(tags: ReadonlyMap<string, string>, keys: readonly string[]): string {
  for (const key of keys) {
    const value = tags.get(key) ?? '';
    if (value !== '') return value;
  }
  return '';
}
