import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startAgent } from '../testing/agent.ts';
import { HttpConnection } from './http-connection.ts';

const request = {
  path: '/v0.4/traces',
  method: 'PUT',
  headers: { a: 'b\r\nc: d' },
  body: Buffer.from([0x90]),
} as const;

test('requests share a connection; all are answered', async () => {
  const agent = await startAgent();
  const connection = new HttpConnection(new URL(`${agent.url}/prefix/`), { awaitAnswer: true });
  for (let i = 0; i < 3; i++) connection.send(request);
  await connection.settle(1000);
  expect(agent.requests.map((one) => one.path)).toEqual(
    Array.from({ length: 3 }, () => '/prefix/v0.4/traces'),
  );
  // A line break in a value does not begin another header.
  expect(agent.requests[0]?.headers).toMatchObject({ a: 'bc: d' });
  expect(connection.settle(1000)).toBeUndefined();
});

test('with an extension nobody waits once the system has the bytes', async () => {
  const agent = await startAgent(() => {});
  const connection = new HttpConnection(new URL(agent.url), { awaitAnswer: false });
  connection.send(request);
  const before = performance.now();
  await connection.settle(1000);
  expect(performance.now() - before).toBeLessThan(200);
  connection.send(request);
  expect(connection.settle(1000)).toBeUndefined();
});

test('a server that is not there costs one attempt, then nothing for a while', async () => {
  const connection = new HttpConnection(new URL('http://127.0.0.1:9'), { awaitAnswer: true });
  let lost = 0;
  connection.send({ ...request, lost: () => lost++ });
  await connection.settle(1000);
  expect(lost).toBe(1);
  connection.send({ ...request, lost: () => lost++ });
  expect(lost).toBe(2);
  expect(connection.settle(1000)).toBeUndefined();
});

test('a server that never answers is waited for once', async () => {
  const agent = await startAgent(() => {});
  const connection = new HttpConnection(new URL(agent.url), { awaitAnswer: true });
  connection.send(request);
  const before = performance.now();
  await connection.settle(50);
  expect(performance.now() - before).toBeGreaterThan(40);
  connection.send(request);
  expect(connection.settle(50)).toBeUndefined();
});

test('a request that met a closing connection is sent once more', async () => {
  let connections = 0;
  const bodies: string[] = [];
  const open: Socket[] = [];
  const server = createServer((socket) => {
    open.push(socket);
    connections++;
    const first = connections === 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bodies.push(chunk.toString('latin1'));
      if (first) socket.destroy();
      else
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const connection = new HttpConnection(url, { awaitAnswer: true });
  connection.send(request);
  await connection.settle(1000);
  expect(connections).toBe(2);
  expect(bodies.length).toBe(2);
  expect(connection.settle(1000)).toBeUndefined();
});
