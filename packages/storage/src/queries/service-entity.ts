import { p, type Sql, spanKindNumbers, sql } from '@spanloom/sql';

const { client, producer } = spanKindNumbers;

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
