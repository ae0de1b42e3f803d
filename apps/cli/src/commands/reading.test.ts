import { expect, test } from 'vitest';
import { FakeServer, refuse } from '../testing/fake-server.ts';
import { RunningCommand, spanloom } from '../testing/run-command.ts';
import { foundPage, foundSpan, traceOf, traceSpan } from '../testing/samples.ts';

const SEARCH = 'POST /api/v2/spans/events/search';
const TRACE = 'GET /api/traces/66f2a1c48f3b0c5e9a7d4b21e6c8f013';

test('query prints a line for each span, and how many there are on standard error', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: () =>
      foundPage([
        foundSpan(),
        foundSpan({ service: 'checkout', custom: { ...foundSpan().custom, status: 'error' } }),
      ]),
  });
  expect(await spanloom(['query', 'service:*', '--from', 'now-1h'], server.env)).toEqual({
    code: 0,
    stdout:
      '2026-11-20 12:00:00.250    12.5 ms  orders-api            ok     web.request POST /orders                                       66f2a1c48f3b0c5e9a7d4b21e6c8f013\n' +
      '2026-11-20 12:00:00.250    12.5 ms  checkout              error  web.request POST /orders                                       66f2a1c48f3b0c5e9a7d4b21e6c8f013\n',
    stderr: '2 spans\n',
  });
  expect(server.asked[0]?.body).toEqual({
    data: {
      type: 'search_request',
      attributes: {
        filter: { query: 'service:*', from: 'now-1h', to: 'now' },
        page: { limit: 50 },
        sort: '-timestamp',
      },
    },
  });
});

test('query goes from page to page until it has as many as were asked for', async () => {
  const bodies: unknown[] = [];
  await using server = await FakeServer.start({
    [SEARCH]: ({ body }) => {
      bodies.push((body as { data: { attributes: { page: unknown } } }).data.attributes.page);
      return foundPage(
        Array.from({ length: bodies.length === 1 ? 1000 : 500 }, () => foundSpan()),
        { after: `c${bodies.length}` },
      );
    },
  });
  const { code, stdout, stderr } = await spanloom(
    ['query', '--limit', '1500', '--json'],
    server.env,
  );
  expect(code).toBe(0);
  expect(bodies).toEqual([{ limit: 1000 }, { limit: 500, cursor: 'c1' }]);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(Array.from({ length: 1500 }, () => foundSpan()));
  expect(stderr).toBe('');
});

test('query passes on hints, and says where to look when nothing matches', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: () => foundPage([], { hint: 'sevice is read as a tag' }),
  });
  expect(await spanloom(['query', 'sevice:a'], server.env)).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Hint: sevice is read as a tag\nNo span matches in this range; see --from\n',
  });
});

test('query shows where a query is wrong, and ends as wrong usage', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: (_, response) =>
      refuse(response, 400, 'BAD_QUERY', 'Expected a value after :', { start: 8, end: 9 }),
  });
  expect(await spanloom(['query', 'service::'], server.env)).toEqual({
    code: 2,
    stdout: '',
    stderr: 'Expected a value after :\n  service::\n          ^\n',
  });
});

test('an error is JSON on standard error with --json', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: (_, response) =>
      refuse(response, 400, 'BAD_QUERY', 'Expected a value', { start: 8, end: 9 }),
  });
  const { code, stderr } = await spanloom(['query', 'service::', '--json'], server.env);
  expect(code).toBe(2);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'BAD_QUERY', message: 'Expected a value', details: { start: 8, end: 9 } },
  });
});

test.each([
  [['query', '--limit', '0'], '--limit must be a whole number from 1, found "0"\n'],
  [['query', '--limit', 'many'], '--limit must be a whole number from 1, found "many"\n'],
  [['query', '--sort', 'up'], '--sort must be newest or oldest, found "up"\n'],
  [
    ['trace', 'x', '--url', '127.0.0.1'],
    'The server\'s address must be like http://127.0.0.1:7070, found "127.0.0.1"\n',
  ],
])('%j is wrong usage', async (args, stderr) => {
  expect(await spanloom(args)).toEqual({ code: 2, stdout: '', stderr });
});

test('a server that is not there is a failure that says what to do', async () => {
  expect(await spanloom(['query'], { SPANLOOM_URL: 'http://127.0.0.1:1' })).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Cannot reach Spanloom at http:\/\/127\.0\.0\.1:1: /) as string,
  });
});

test('something else at the address is a failure that says so', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: (_, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html>');
    },
  });
  const { code, stderr } = await spanloom(['query'], server.env);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${server.url} answered 502 to /api/v2/spans/events/search, but not as a Spanloom server does: check --url\n`,
  });
});

test('the token goes along, and is asked for where it is missing', async () => {
  await using server = await FakeServer.start({
    [TRACE]: ({ headers }, response) =>
      headers.authorization === 'Bearer t0ken'
        ? traceOf([traceSpan()])
        : refuse(response, 401, 'UNAUTHORISED', 'Reading needs the admin token'),
  });
  const args = ['trace', '66f2a1c48f3b0c5e9a7d4b21e6c8f013'];
  expect((await spanloom(args, { ...server.env, SPANLOOM_ADMIN_TOKEN: 't0ken' })).code).toBe(0);
  expect((await spanloom([...args, '--token', 't0ken'], server.env)).code).toBe(0);
  expect(await spanloom(args, server.env)).toEqual({
    code: 1,
    stdout: '',
    stderr: `${server.url} asks for the admin token: give it with SPANLOOM_ADMIN_TOKEN or --token\n`,
  });
  expect((await spanloom([...args, '--token', 'other'], server.env)).stderr).toBe(
    `${server.url} does not know this admin token: check SPANLOOM_ADMIN_TOKEN or --token\n`,
  );
});

test('trace prints what it is, its tree, its problems and what was merged', async () => {
  await using server = await FakeServer.start({
    [TRACE]: () =>
      traceOf(
        [
          traceSpan(),
          traceSpan({
            depth: 1,
            source: 'xray',
            name: 'Invocation',
            service: 'checkout',
            resource: '',
            duration_ns: 5_000_000,
          }),
        ],
        {
          complete: false,
          error: true,
          ids: { datadog: [], xray: ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013'] },
          sources: { datadog: 1, xray: 1, otlp: 0, inferred: 0, other: 0 },
          problems: [
            {
              kind: 'missing_parent',
              span_id: 'a',
              count: 2,
              message: '2 spans name a parent that has not arrived',
            },
          ],
          merge: [
            {
              request_id: 'req-1',
              function: 'checkout',
              verdict: 'xray_not_sampled',
              evidence: ['The header says Sampled=0'],
              fix: 'Turn on active tracing',
              apm_span_ids: [],
              xray_span_ids: [],
              conflicts: [
                { what: 'start', apm_ns: '1727177156250000000', xray_ns: '1727177156262000000' },
              ],
            },
          ],
          xray_pending: { next_poll: '2026-11-20T12:01:00Z', until: '2026-11-20T12:10:00Z' },
        },
      ),
  });
  const { code, stdout } = await spanloom(
    ['trace', '66f2a1c48f3b0c5e9a7d4b21e6c8f013', '--env', 'prod'],
    server.env,
  );
  expect(code).toBe(0);
  expect(server.asked[0]?.search.get('env')).toBe('prod');
  expect(stdout.split('\n').map((line) => line.replace(/ {3,}.*/, ''))).toEqual([
    'Trace 66f2a1c48f3b0c5e9a7d4b21e6c8f013  prod  812 ms  error  incomplete',
    '2024-09-24 11:25:56.250 UTC  orders-api, checkout',
    '2 spans: 1 APM, 1 X-Ray',
    'X-Ray 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
    '',
    'apm  orders-api web.request POST /orders',
    'xry  └─ checkout Invocation',
    '',
    'Problem: 2 spans name a parent that has not arrived',
    '',
    'Invocation checkout req-1: not sampled by X-Ray',
    '  The header says Sampled=0',
    '  Its two sides state a different start, 12 ms apart',
    '  To do: Turn on active tracing',
    '',
    'More may come from X-Ray until 2026-11-20 12:10:00.000 UTC, read next at 2026-11-20 12:01:00.000 UTC',
    '',
  ]);
});

test('trace --json prints the answer as it came', async () => {
  await using server = await FakeServer.start({ [TRACE]: () => traceOf([traceSpan()]) });
  const { stdout } = await spanloom(
    ['trace', '66f2a1c48f3b0c5e9a7d4b21e6c8f013', '--json'],
    server.env,
  );
  expect(JSON.parse(stdout)).toEqual(traceOf([traceSpan()]));
});

test('trace sends an id of any form as one piece', async () => {
  await using server = await FakeServer.start({});
  const id = 'Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=2b3c4d5e6f708192/x?y';
  expect((await spanloom(['trace', id], server.env)).code).toBe(1);
  expect(server.routes).toEqual([`GET /api/traces/${encodeURIComponent(id)}`]);
});

test('a trace that is not there is a failure', async () => {
  await using server = await FakeServer.start({
    [TRACE]: (_, response) => refuse(response, 404, 'NOT_FOUND', 'No trace 66f2 is stored here'),
  });
  expect(await spanloom(['trace', '66f2a1c48f3b0c5e9a7d4b21e6c8f013'], server.env)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'No trace 66f2 is stored here\n',
  });
});

test('a reader that has seen enough is no failure', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: () =>
      foundPage(
        Array.from({ length: 1000 }, () => foundSpan()),
        { after: 'more' },
      ),
  });
  const command = new RunningCommand(['query', '--limit', '100000', '--json'], server.env);
  command.closeOutput();
  expect((await command.ended).code).toBe(0);
});

test('Ctrl-C ends a search that is under way', async () => {
  const { promise: reached, resolve: asked } = Promise.withResolvers<void>();
  await using server = await FakeServer.start({
    [SEARCH]: async () => {
      asked();
      return await new Promise(() => undefined);
    },
  });
  const command = new RunningCommand(['query'], server.env);
  await reached;
  command.interrupt();
  expect(await command.ended).toEqual({ code: 130, stdout: '', stderr: 'Interrupted\n' });
});
