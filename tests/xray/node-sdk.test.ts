import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { LocalXRay } from '@spanloom/local-xray';
import { lambdaInvocation } from '@spanloom/local-xray/scenes';
import { expect, test } from 'vitest';
import { nodeBinary } from '../runtimes.ts';
import { Daemon } from './daemon.ts';
import { fetchTrace, listTraces, outline, xrayClient } from './read-traces.ts';

const require = createRequire(import.meta.url);
const account = '111122223333';
const region = 'eu-west-1';

/** Runs a program with `xray` as the SDK. It prints what it wants to tell. */
async function runWithSdk(program: string, env: Readonly<Record<string, string>>): Promise<string> {
  const sdk = JSON.stringify(require.resolve('aws-xray-sdk-core'));
  const child = spawn(nodeBinary, ['-e', `const xray = require(${sdk});${program}`], {
    env: { PATH: process.env['PATH'] ?? '', AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  return printed.trim();
}

test('a service on a host: what the SDK for Node sends can be listed and fetched', async () => {
  await using service = await LocalXRay.start();
  await using daemon = await Daemon.start(service.url, account, region);
  const before = Date.now() - 2000;
  const traceId = await runWithSdk(
    `
    const segment = new xray.Segment('checkout');
    segment.addAnnotation('tenant', 'acme');
    segment.addAnnotation('basket', 3);
    segment.addMetadata('attempt', { number: 1 });
    const call = segment.addNewSubsegment('inventory');
    call.namespace = 'remote';
    const inner = call.addNewSubsegment('parse');
    inner.addError(new RangeError('nothing left'));
    inner.close();
    call.close();
    segment.close();
    console.log(segment.trace_id);
    setTimeout(() => process.exit(0), 500);
    `,
    { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  );
  const client = xrayClient(service.url, account, region);
  await expect.poll(() => fetchTrace(client, traceId)).toHaveLength(2);
  expect(daemon.refused).toEqual([]);

  const [segment, inferred] = await fetchTrace(client, traceId);
  expect(outline(segment!)).toEqual(['checkout', '  inventory', '    parse']);
  expect(segment).toMatchObject({
    annotations: { tenant: 'acme', basket: 3 },
    metadata: { default: { attempt: { number: 1 } } },
    subsegments: [
      {
        namespace: 'remote',
        subsegments: [
          { fault: true, cause: { exceptions: [{ type: 'RangeError', message: 'nothing left' }] } },
        ],
      },
    ],
  });
  expect(inferred).toMatchObject({
    name: 'inventory',
    inferred: true,
    parent_id: segment!.subsegments![0]!.id,
  });

  const summaries = await listTraces(client, before);
  expect(summaries).toMatchObject([
    {
      Id: traceId,
      EntryPoint: { Name: 'checkout', AccountId: account },
      IsPartial: false,
      Annotations: {
        tenant: [{ AnnotationValue: { StringValue: 'acme' } }],
        basket: [{ AnnotationValue: { NumberValue: 3 } }],
      },
    },
  ]);
});

test('a function: subsegments that arrive one by one, children first, end up below its own segments', async () => {
  await using service = await LocalXRay.start();
  await using daemon = await Daemon.start(service.url, account, region);
  const lambda = lambdaInvocation({ at: Date.now() - 500 });
  await runWithSdk(
    `
    const facade = xray.getSegment();
    const handler = facade.addNewSubsegment('## index.handler');
    const table = handler.addNewSubsegment('DynamoDB');
    table.namespace = 'aws';
    table.addAttribute('aws', { operation: 'GetItem', table_name: 'orders' });
    table.close();
    handler.close();
    setTimeout(() => process.exit(0), 500);
    `,
    {
      AWS_XRAY_DAEMON_ADDRESS: daemon.address,
      LAMBDA_TASK_ROOT: import.meta.dirname,
      _X_AMZN_TRACE_ID: lambda.header,
    },
  );
  await expect.poll(() => daemon.documents.length).toBe(2);
  const sent = daemon.documents.map((one) => JSON.parse(one) as Record<string, unknown>);
  expect(sent.map((one) => [one['name'], one['type']])).toEqual([
    ['DynamoDB', 'subsegment'],
    ['## index.handler', 'subsegment'],
  ]);

  const client = xrayClient(service.url, account, region);
  // Nobody knows the function yet: the handler stands alone, with its child nested, and the callee is inferred.
  await expect
    .poll(async () => (await fetchTrace(client, lambda.traceId)).map((one) => one.name))
    .toEqual(['## index.handler', 'orders']);

  service.put(account, region, lambda.documents);
  const documents = await fetchTrace(client, lambda.traceId);
  expect(documents.map((one) => one['origin'])).toEqual([
    'AWS::Lambda',
    'AWS::Lambda::Function',
    'AWS::DynamoDB::Table',
  ]);
  expect(outline(documents[1]!)).toEqual([
    'orders-api',
    '  Invocation',
    '    ## index.handler',
    '      DynamoDB',
    '  Overhead',
  ]);
});

test('sampling rules reach the SDK through the daemon', async () => {
  await using service = await LocalXRay.start();
  await using daemon = await Daemon.start(service.url, account, region);
  const rule = {
    ResourceARN: '*',
    ReservoirSize: 0,
    ServiceType: '*',
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    Version: 1,
  };
  service.region(account, region).samplingRules = [
    { ...rule, RuleName: 'Never', Priority: 1, FixedRate: 0, ServiceName: 'quiet' },
    { ...rule, RuleName: 'Default', Priority: 10_000, FixedRate: 1, ServiceName: '*' },
  ];
  const decisions = await runWithSdk(
    `
    const ask = (serviceName) => xray.middleware.sampler.shouldSample({ serviceName, host: 'h', urlPath: '/', httpMethod: 'GET' });
    ask('loud');
    const wait = setInterval(() => {
      const quiet = ask('quiet');
      if (quiet === 'Never' || quiet === false) {
        clearInterval(wait);
        console.log(JSON.stringify([quiet, ask('loud')]));
        process.exit(0);
      }
    }, 50);
    setTimeout(() => process.exit(3), 10_000);
    `,
    { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  );
  expect(service.calls.of('GetSamplingRules').length).toBeGreaterThan(0);
  expect(JSON.parse(decisions)).toEqual([false, 'Default']);
});
