import { createRequire } from 'node:module';
import { decodeRecord } from '@spanloom/codec';
import { type Span, SpanBatch } from '@spanloom/model';
import AWSXRay from 'aws-xray-sdk-core';
import { expect, test } from 'vitest';
import { openIntake } from './test-intake.ts';
import { startXRayListener } from './xray-listener.ts';

interface Times {
  readonly start_time: number;
  readonly end_time: number;
}

interface SentTimes extends Times {
  readonly subsegments: readonly Times[];
}

/** The part of the SDK that asks the daemon about sampling. It has no types. */
interface ServiceConnector {
  fetchSamplingRules(done: (error: unknown, rules: readonly SamplingRule[]) => void): void;
  fetchTargets(
    rules: readonly SamplingRule[],
    done: (error: unknown, targets: Record<string, unknown>, changed: number) => void,
  ): void;
}

interface SamplingRule {
  getName(): string;
  getRate(): number;
  match(request: Record<string, string>): boolean;
}

/** What the SDK says when it is not content. */
function listenToSdk(): string[] {
  const said: string[] = [];
  const note = (...words: unknown[]): void => void said.push(words.map(String).join(' '));
  AWSXRay.setLogger({ debug: () => {}, info: () => {}, warn: note, error: note });
  return said;
}

test('the X-Ray SDK for Node: segments arrive as they were recorded, and it has nothing to complain about', async () => {
  const said = listenToSdk();
  await using rig = await openIntake();
  const batch = new SpanBatch();
  rig.sink.answer = (record) => decodeRecord(record, batch);
  await using listener = await startXRayListener(rig.intake, { host: '127.0.0.1', port: 0 });
  AWSXRay.setDaemonAddress(`127.0.0.1:${listener.port}`);
  AWSXRay.enableManualMode();

  const segment = new AWSXRay.Segment('checkout');
  segment.addAnnotation('basket', 'b-1');
  segment.addAnnotation('items', 3);
  segment.addAnnotation('paid', true);
  segment.addMetadata('note', { text: 'Grüße 🛒' }, 'shop');
  segment.setUser('u-17');
  const query = segment.addNewSubsegment('shop@db.test');
  query.namespace = 'remote';
  const sql = new AWSXRay.database.SqlData(
    '16.1',
    '1.0',
    'app',
    'postgresql://app:pw@db.test:5432/shop',
    'statement',
  );
  // As its database wrappers do when they are told to collect queries.
  Object.assign(sql, {
    database_type: 'PostgreSQL',
    sanitized_query: "select * from cards where pan = '4111'",
  });
  query.addSqlData(sql);
  query.close();
  const charge = segment.addNewSubsegment('charge');
  charge.close(new RangeError('card declined'));
  segment.close();

  await expect.poll(() => batch.length).toBe(3);
  const spans = Array.from({ length: 3 }, (_, row): Span => batch.span(row));
  const [root, db, failed] = spans as [Span, Span, Span];
  expect(rig.sink.records).toHaveLength(1);
  expect(root).toMatchObject({ service: 'checkout', name: 'xray.segment', parentId: undefined });
  expect(root.meta).toMatchObject({
    basket: 'b-1',
    paid: 'true',
    'usr.id': 'u-17',
    'xray.metadata.shop.note': '{"text":"Grüße 🛒"}',
    'xray.trace_id': segment.trace_id,
    'xray.segment_id': segment.id,
  });
  expect(root.metrics).toMatchObject({ items: 3 });
  expect(db).toMatchObject({
    name: 'postgres.query',
    resource: 'select * from cards where pan = ?',
    kind: 'client',
    parentId: root.spanId,
  });
  expect(failed).toMatchObject({ resource: 'charge', error: true, parentId: root.spanId });
  expect(failed.meta).toMatchObject({
    'error.type': 'RangeError',
    'error.message': 'card declined',
  });
  expect(failed.meta['error.stack']).toMatch(/^RangeError: card declined\n {4}at /);
  expect(db.meta['xray.sql.url']).toBe('postgresql://db.test:5432/shop');
  // What the SDK sent, read by a parser that is not ours. Its times are doubles, to the millisecond.
  const sent = JSON.parse(Buffer.from(rig.sink.last.body).toString('utf8')) as SentTimes;
  const times = [sent, ...sent.subsegments];
  for (const [row, { start_time, end_time }] of times.entries()) {
    const span = spans[row]!;
    expect(span.start).toBe(BigInt(Math.round(start_time * 1e3)) * 1_000_000n);
    expect(span.duration).toBe((Math.round(end_time * 1e3) - Math.round(start_time * 1e3)) * 1e6);
  }
  expect(rig.intake.clients()).toMatchObject([{ language: 'nodejs', spans: 3 }]);
  expect(said).toEqual([]);
});

test('the X-Ray SDK for Node: it understands the answers about sampling', async () => {
  await using rig = await openIntake();
  await using listener = await startXRayListener(rig.intake, { host: '127.0.0.1', port: 0 });
  AWSXRay.setDaemonAddress(`127.0.0.1:${listener.port}`);
  const connector = createRequire(import.meta.url)(
    'aws-xray-sdk-core/dist/lib/middleware/sampling/service_connector.js',
  ) as ServiceConnector;
  const rules = await new Promise<readonly SamplingRule[]>((resolve, reject) => {
    connector.fetchSamplingRules((error, found) => (error ? reject(error) : resolve(found)));
  });
  expect(rules.map((rule) => [rule.getName(), rule.getRate()])).toEqual([['Default', 1]]);
  const request = { host: 'shop.test', httpMethod: 'GET', urlPath: '/a', serviceName: 'checkout' };
  expect(rules[0]!.match(request)).toBe(true);
  const [targets, changed] = await new Promise<[Record<string, unknown>, number]>(
    (resolve, reject) => {
      connector.fetchTargets(rules, (error, found, when) =>
        error ? reject(error) : resolve([found, when]),
      );
    },
  );
  expect(targets).toMatchObject({ Default: { rate: 1, interval: 300 } });
  expect(changed).toBe(0);
});
