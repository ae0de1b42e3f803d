import { p, type Sql, spanKindNumbers, sql } from '@spanloom/sql';

/*
 * What a span says of the two ends of a call, as expressions over a row of a span table: what kind of thing its own service
 * is, and what it names as the other end. Here and nowhere else, so that roll-ups made from spans mean the same.
 */

/** Kinds of things on the map. `service` is whatever runs code, or is known by its name only. */
export type EntityClass =
  | 'service'
  | 'function'
  | 'apigateway'
  | 'workflow'
  | 'database'
  | 'cache'
  | 'queue'
  | 'bus'
  | 'storage'
  | 'aws'
  | 'external';

const { client, producer, consumer } = spanKindNumbers;

/** Lambda's id of an invocation, which the tracer in the function and X-Ray both know; '' elsewhere. */
export const invocation: Sql = sql`if(type = 'serverless', a['request_id'], '')`;

/**
 * What the service of an entry span is. Some tracers give a call to a database a service of its own: such a service is entered
 * by a client span. Only plain columns are asked, so that counting requests does not read attributes.
 */
export const ownClass: Sql = sql`multiIf(
          kind IN (${p.uint8(client)}, ${p.uint8(producer)}), multiIf(
            type IN ('redis', 'memcached', 'valkey', 'cache'), 'cache',
            type IN ('sql', 'db', 'mongodb', 'cassandra', 'elasticsearch', 'opensearch') OR endsWith(service, 'dynamodb'), 'database',
            kind = ${p.uint8(producer)} OR type IN ('queue', 'kafka', 'amqp') OR match(service, '(sqs|sns|kinesis)$'), 'queue',
            endsWith(service, 'eventbridge'), 'bus',
            endsWith(service, '-aws-s3'), 'storage',
            name = 'aws.request', 'aws',
            'external'),
          match(name, '^aws\\.(apigateway|httpapi|appsync|lambda\\.url)'), 'apigateway',
          startsWith(name, 'aws.stepfunctions'), 'workflow',
          name IN ('aws.sqs', 'aws.sns', 'aws.kinesis', 'aws.msk'), 'queue',
          name = 'aws.eventbridge', 'bus',
          name = 'aws.dynamodb', 'database',
          name = 'aws.s3', 'storage',
          type = 'serverless', 'function',
          'service')`;

/** The AWS service that a call is made to, in lower case: `dynamodb`, `sqs`. Senders spell it `AWSDynamoDB` too. */
const awsService: Sql = sql`replaceRegexpOne(lower(${firstOf(['aws.service', 'aws_service'], sql`if(a['rpc.system'] = 'aws-api', a['rpc.service'], '')`)}), '^(aws|amazon)[. ]?', '')`;

const databaseSystem: Sql = firstOf(['db.system', 'db.system.name', 'db.type']);

/** Of the things that a call may go to, which kind this one goes to. */
const peerClassOf: Sql = sql`multiIf(
          peer_aws IN ('sqs', 'sns', 'kinesis', 'firehose'), 'queue',
          peer_aws IN ('events', 'eventbridge', 'cloudwatchevents'), 'bus',
          peer_aws = 's3', 'storage',
          peer_aws = 'dynamodb', 'database',
          peer_aws IN ('states', 'stepfunctions', 'sfn'), 'workflow',
          peer_aws = 'lambda', 'service',
          peer_aws != '', 'aws',
          type IN ('cache', 'redis', 'memcached', 'valkey') OR peer_db IN ('redis', 'memcached', 'valkey', 'elasticache'), 'cache',
          peer_db != '' OR a['db.name'] != '' OR type IN ('sql', 'db', 'mongodb', 'cassandra', 'elasticsearch', 'opensearch'), 'database',
          kind IN (${p.uint8(producer)}, ${p.uint8(consumer)}) OR a['messaging.system'] != '' OR type = 'queue', 'queue',
          'service')`;

/** Any address that is only a number stands for all of them: there may be thousands, and none means anything to a reader. */
const peerHost: Sql = sql`replaceRegexpOne(replaceRegexpOne(${firstOf(
  [
    'peer.hostname',
    'out.host',
    'network.destination.name',
    'net.peer.name',
    'server.address',
    'http.host',
    'db.hostname',
    'grpc.host',
    'http.server_name',
  ],
  sql`if(source = 'xray', a['peer.service'], '')`,
  sql`domain(${firstOf(['http.url', 'url.full'])})`,
)}, ':[0-9]+$', ''), '^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*\\]?)$', 'IP targets')`;

/** What a call names as its other end; '' when nothing does. A name given on purpose goes before any that is derived. */
const peerNameOf: Sql = sql`multiIf(
          source != 'xray' AND a['peer.service'] != '', a['peer.service'],
          peer_class = 'queue', ${firstOf(
            [
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
            sql`peer_host`,
            sql`peer_aws`,
          )},
          peer_class = 'database', ${firstOf(
            [
              'db.name',
              'db.namespace',
              'db.instance',
              'mongodb.db',
              'cassandra.keyspace',
              'tablename',
            ],
            sql`extract(a['aws.dynamodb.table_names'], '[^\\[\\]", ]+')`,
            sql`a['db.cassandra.contact.points']`,
            sql`a['db.couchbase.seed.nodes']`,
            sql`if(peer_aws = '', peer_host, '')`,
            sql`peer_db`,
            sql`peer_aws`,
          )},
          peer_class = 'cache', ${firstOf([], sql`peer_host`, sql`peer_db`, sql`type`)},
          peer_class = 'storage', ${firstOf(['bucketname', 'aws.s3.bucket'], sql`peer_aws`)},
          peer_class = 'bus', ${firstOf(['eventbusname', 'rulename'], sql`'default'`)},
          peer_class = 'workflow', ${firstOf(['statemachinename'], sql`peer_aws`)},
          peer_class = 'aws', peer_aws,
          peer_aws = 'lambda', ${firstOf(['functionname', 'faas.invoked_name'], sql`peer_aws`)},
          ${firstOf(['rpc.service'], sql`peer_host`)})`;

/** The columns that `withPeer` reads. */
export const peerSources: Sql = sql`type, kind, source, a`;

/**
 * Rows with the other end of a call as columns `peer_class`, `peer_name` and `peer_hint`, which says more where the class is
 * `service`. A step each: the engine writes an alias out wherever it is used, and names use classes, which use systems.
 *
 * @param rows Select `peerSources`.
 */
export function withPeer(rows: Sql): Sql {
  return sql`SELECT *, ${peerNameOf} AS peer_name, if(peer_aws = 'lambda', 'function', '') AS peer_hint
          FROM (
            SELECT *, ${peerClassOf} AS peer_class
            FROM (
              SELECT *, ${awsService} AS peer_aws, lower(${databaseSystem}) AS peer_db, ${peerHost} AS peer_host
              FROM (${rows})
            )
          )`;
}

/** The first that is not empty: of attributes, then of other expressions. */
function firstOf(keys: readonly string[], ...rest: readonly Sql[]): Sql {
  const all = [...keys.map((key) => sql`a[${p.string(key)}]`), ...rest];
  return sql`arrayFirst(x -> x != '', [${all.reduce((list, each) => sql`${list}, ${each}`)}])`;
}
