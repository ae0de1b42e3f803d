import { createSocket } from 'node:dgram';
import { inflateSync } from 'node:zlib';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testFunction } from '../testing/function.ts';
import { _metricsQueue, sendDistributionMetric } from './distribution.ts';
import { pointDatagram, pointLine } from './point.ts';

const point = { name: 'm', value: 1.5, epochSeconds: 1_795_214_767, tags: ['k:v', 'odd:a b,c'] };
const code = {
  'index.mjs': `import { datadog, sendDistributionMetric, sendDistributionMetricWithDate } from '@spanloom/lambda';
    export const handler = datadog(async () => {
      sendDistributionMetric('own.count', 2, 'k:v');
      sendDistributionMetricWithDate('own.old', 3, new Date(Date.now() - 5 * 3600e3));
      return 1;
    });`,
};

test('a point as a line has its keys in order; as a datagram its tags are cleaned', () => {
  expect(pointLine(point)).toBe('{"e":1795214767,"m":"m","t":["k:v","odd:a b,c"],"v":1.5}\n');
  expect(pointDatagram(point)).toBe('m:1.5|d|#k:v,odd:a_b_c|T1795214767');
});

test('what is recorded outside an invocation waits; the oldest goes first when it is too much', () => {
  onTestFinished(() => void _metricsQueue.splice(0));
  sendDistributionMetric('not a number', NaN);
  for (let i = 0; i <= 1024; i++) sendDistributionMetric('n', i);
  expect([_metricsQueue.length, _metricsQueue[0]?.value, _metricsQueue.at(-1)?.value]).toEqual([
    1024, 1, 1024,
  ]);
});

describe('metrics leave', () => {
  test('as datagrams with an extension, but not those that it counts itself, nor old ones', async () => {
    const datagrams: string[] = [];
    const statsd = createSocket('udp4');
    statsd.on('message', (message) => datagrams.push(message.toString()));
    await new Promise<void>((resolve) => statsd.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => void statsd.close());
    const fn = await testFunction(code, {
      environment: {
        SPANLOOM_EXTENSION: '1',
        DD_TRACE_ENABLED: 'false',
        DD_DOGSTATSD_PORT: String(statsd.address().port),
        DD_ENV: 'prod',
      },
    });
    await fn.local.invoke({});
    await expect.poll(() => datagrams.length).toBe(1);
    expect(datagrams[0]).toMatch(
      /^own\.count:2\|d\|#k:v,dd_lambda_layer:datadog-nodev[\d.]+,env:prod\|T\d+$/,
    );
    expect(fn.lines.find((line) => line.includes('own.old'))).toContain('5 hours ago');
  });

  test('over the API of a server otherwise, with the key in a header', async () => {
    const got: {
      url: string;
      headers: IncomingHttpHeaders;
      series: { metric: string; points: [number, number[]][] }[];
    }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        if (request.url === '/api/v1/distribution_points') {
          got.push({
            url: request.url,
            headers: request.headers,
            ...(JSON.parse(inflateSync(body).toString()) as { series: never }),
          });
        }
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fn = await testFunction(code, {
      environment: { SPANLOOM_ENDPOINT: url, DD_API_KEY: '0'.repeat(32) },
    });
    await fn.local.invoke({});
    expect(got.length).toBe(1);
    expect(got[0]?.headers['dd-api-key']).toBe('0'.repeat(32));
    expect(got[0]?.series.map((one) => [one.metric, one.points[0]?.[1]])).toEqual([
      ['own.count', [2]],
      ['own.old', [3]],
    ]);
  });

  test('into the log if wanted, each as exactly one line', async () => {
    const fn = await testFunction(code, {
      environment: { DD_FLUSH_TO_LOG: 'true', DD_ENHANCED_METRICS: 'no' },
    });
    await fn.local.invoke({});
    const lines = fn.lines.filter((line) => line.startsWith('{"e"'));
    expect(lines.map((line) => (JSON.parse(line) as { m: string }).m)).toEqual([
      'own.count',
      'own.old',
    ]);
  });
});
