import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TraceResponse } from '@spanloom/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeBinary, repository } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';

let server: SpanloomServer;

beforeAll(async () => {
  server = await SpanloomServer.start();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** One request with a call to a service and an annotation, by AWS's own SDK. Prints its trace id. */
const program = `
  const xray = require('aws-xray-sdk-core');
  const segment = new xray.Segment('checkout');
  segment.addAnnotation('tenant', 'acme');
  const child = segment.addNewSubsegment('inventory');
  child.namespace = 'remote';
  child.addError(new RangeError('nothing left'));
  child.close();
  segment.close();
  console.log(segment.trace_id);
  setTimeout(() => process.exit(0), 500);
`;

test('what the X-Ray SDK for Node sends to its daemon is a trace like any other', async () => {
  const child = spawn(nodeBinary, ['-e', program], {
    cwd: `${repository}/packages/intake`,
    env: {
      PATH: process.env['PATH'] ?? '',
      AWS_XRAY_DAEMON_ADDRESS: server.xrayAddress,
      AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await once(child, 'close');
  const id = /1-[0-9a-f]{8}-[0-9a-f]{24}/.exec(printed)?.[0] ?? printed;

  const trace = await expect
    .poll(async () => {
      const response = await fetch(`${server.url}/api/traces/${id}`);
      return response.status === 200 ? ((await response.json()) as TraceResponse) : undefined;
    })
    .toMatchObject({ complete: true, error: true })
    .then(
      async () => (await (await fetch(`${server.url}/api/traces/${id}`)).json()) as TraceResponse,
    );
  expect(trace.ids.xray).toEqual([id]);
  expect(trace.sources.xray).toBe(2);
  expect(trace.spans.map((span) => [span.depth, span.source, span.error])).toEqual([
    [0, 'xray', 0],
    [1, 'xray', 1],
  ]);
  expect(trace.spans[0]!.service).toBe('checkout');
  expect(trace.spans[0]!.meta['tenant']).toBe('acme');
  expect(trace.spans[1]!.meta['error.message']).toBe('nothing left');
});
