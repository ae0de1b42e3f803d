import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { FakeServer, refuse, type Route } from '../testing/fake-server.ts';
import { RunningCommand, spanloom } from '../testing/run-command.ts';
import { foundSpan } from '../testing/samples.ts';

const LIVE = 'GET /api/live/spans';

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

function send(response: ServerResponse, event: string, data: unknown, id = ''): void {
  response.write(
    `event: ${event}\n${id === '' ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
  );
}

/** Runs `tail` until `enough` says that the server has seen what it waits for, then interrupts it. */
async function tail(route: (enough: () => void) => Route, ...args: string[]) {
  const { promise: reached, resolve: enough } = Promise.withResolvers<void>();
  await using server = await FakeServer.start({ [LIVE]: route(enough) });
  const command = new RunningCommand(['tail', ...args], server.env);
  await reached;
  // What was sent is on its way: the next turn of the command's loop prints it.
  await new Promise((resolve) => setTimeout(resolve, 300));
  command.interrupt();
  return { ...(await command.ended), asked: server.asked };
}

test('tail prints spans as they come and ends well on Ctrl-C', async () => {
  const { code, stdout, stderr, asked } = await tail(
    (enough) => (_, response) => {
      begin(response);
      send(response, 'span', foundSpan(), '1.0');
      send(response, 'ready', { backfilled: 1 }, '1.0');
      send(response, 'rate', { spans_per_second: 5, matches_per_second: 1 });
      send(response, 'dropped', { count: 1200, reason: 'rate', matched: 2000 });
      enough();
    },
    'service:orders-api',
    '--env',
    'prod',
    '--scope',
    'entry',
    '--rate',
    '20',
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^2026-11-20 12:00:00\.250 +12\.5 ms +orders-api +ok +web\.request POST \/orders +66f2a1c48f3b0c5e9a7d4b21e6c8f013\n$/,
  );
  expect(stderr).toBe('1,200 matching spans not shown: more than --rate asks for\n');
  expect(Object.fromEntries(asked[0]!.search)).toEqual({
    query: 'service:orders-api',
    scope: 'entry',
    backfill: '10',
    env: 'prod',
    rate: '20',
  });
});

test('tail goes on after the last span it saw when the connection breaks', async () => {
  let connections = 0;
  const { code, stdout, asked } = await tail(
    (enough) => (_, response) => {
      begin(response);
      connections++;
      send(response, 'span', foundSpan({ span_id: `span-${connections}` }), `${connections}.7`);
      if (connections === 1) setTimeout(() => response.destroy(), 50);
      else enough();
    },
    '--json',
  );
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { span_id: string }).span_id),
  ).toEqual(['span-1', 'span-2']);
  expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1.7']);
});

test('tail tries again when the server is busy in between', async () => {
  let connections = 0;
  const { code } = await tail((enough) => (_, response) => {
    connections++;
    if (connections === 2) {
      refuse(response, 503, 'OVERLOADED', 'too many streams');
      return;
    }
    begin(response);
    send(response, 'ready', { backfilled: 0 }, '1.0');
    if (connections === 1) response.end();
    else enough();
  });
  expect(code).toBe(0);
  expect(connections).toBe(3);
});

test('tail does not start with a query that is wrong', async () => {
  await using server = await FakeServer.start({
    [LIVE]: (_, response) =>
      refuse(response, 400, 'BAD_QUERY', 'Unclosed quote', { start: 8, end: 10 }),
  });
  expect(await spanloom(['tail', 'service:"a'], server.env)).toEqual({
    code: 2,
    stdout: '',
    stderr: 'Unclosed quote\n  service:"a\n          ^^\n',
  });
});
