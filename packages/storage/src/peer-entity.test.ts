import { expect, test } from 'vitest';
import { peerEntity, type PeerFacts } from './peer-entity.ts';

function named(tags: Readonly<Record<string, string>>, facts: Partial<PeerFacts> = {}): string {
  const entity = peerEntity({
    service: 'web',
    kind: 'client',
    type: 'http',
    isXRay: false,
    tags: new Map(Object.entries(tags)),
    ...facts,
  });
  return entity === undefined ? 'nothing' : `${entity.class}:${entity.name} (${entity.type})`;
}

test('a call without a word about its other end names nothing', () => {
  expect(named({})).toBe('nothing');
  expect(named({ component: 'http' })).toBe('nothing');
});

test('a name that was given on purpose goes before any other, but for that of X-Ray', () => {
  const tags = { 'peer.service': 'DynamoDB', 'aws.service': 'DynamoDB', tablename: 'orders' };
  expect(named(tags)).toBe('database:DynamoDB (database)');
  expect(named(tags, { isXRay: true })).toBe('database:orders (database)');
  expect(named({ 'peer.service': 'bank.example' }, { isXRay: true })).toBe(
    'service:bank.example (external)',
  );
});

test.each<[Readonly<Record<string, string>>, string]>([
  [{ 'db.system': 'mysql', 'db.namespace': 'shop' }, 'database:shop (database)'],
  [{ 'db.system': 'mongodb', 'mongodb.db': 'shop' }, 'database:shop (database)'],
  [{ 'db.type': 'postgres', 'peer.hostname': 'db' }, 'database:db (database)'],
  [{ 'db.system': 'redis', 'server.address': 'cache:6379' }, 'cache:cache (cache)'],
  [{ 'db.system': 'redis' }, 'cache:redis (cache)'],
  [{ aws_service: 'AWSDynamoDB', tablename: 'orders' }, 'database:orders (database)'],
  [{ 'aws.service': 'DynamoDB', 'out.host': 'dynamodb.aws' }, 'database:dynamodb (database)'],
  [{ 'aws.service': 'SNS', topicname: 'news' }, 'queue:news (queue)'],
  [{ 'aws.service': 'Kinesis', streamname: 'clicks' }, 'queue:clicks (queue)'],
  [{ 'aws.service': 'SFN', statemachinename: 'refund' }, 'workflow:refund (workflow)'],
  [{ 'aws.service': 'Lambda' }, 'service:lambda (function)'],
  [{ 'aws.service': 'S3' }, 'storage:s3 (storage)'],
  [{ 'messaging.system': 'rabbitmq' }, 'queue:rabbitmq (queue)'],
  [{ 'rpc.service': 'shop.Cart', 'out.host': 'cart' }, 'service:shop.Cart (external)'],
  [{ 'url.full': 'api.example' }, 'service:api.example (external)'],
  [{ 'out.host': '10.1.2.3:80' }, 'service:IP targets (external)'],
  [{ 'out.host': 'fe80::1' }, 'service:IP targets (external)'],
  [{ 'out.host': '1.2.3.4.example' }, 'service:1.2.3.4.example (external)'],
])('%j names %s', (tags, expected) => {
  expect(named(tags)).toBe(expected);
});

test('a call that has a service of its own names nothing besides', () => {
  const tags = { 'out.host': 'db.internal', '_dd.base_service': 'web' };
  expect(named(tags)).toBe('service:db.internal (external)');
  expect(named(tags, { service: 'web-postgres' })).toBe('nothing');
});

test('of a consumer only its queue is asked', () => {
  const consumer = { kind: 'consumer', type: 'worker' } as const;
  const tags = { 'messaging.destination.name': 'jobs' };
  expect(named(tags, consumer)).toBe('queue:jobs (queue)');
  expect(named({ ...tags, '_dd.base_service': 'other' }, consumer)).toBe('queue:jobs (queue)');
  expect(named({ 'db.system': 'mysql', 'db.name': 'shop' }, consumer)).toBe('nothing');
  expect(named({}, consumer)).toBe('nothing');
});
