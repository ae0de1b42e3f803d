import type { XRayBackfill, XRayRegionStatus } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { FakeServer, refuse, type Route } from '../testing/fake-server.ts';
import { RunningCommand, spanloom } from '../testing/run-command.ts';
import { xrayRegion } from '../testing/samples.ts';

const STATUS = 'GET /api/xray/status';
const CRAWL = 'POST /api/xray/crawl';
const BACKFILLS = 'POST /api/xray/backfills';

const status =
  (...regions: XRayRegionStatus[]): Route =>
  () => ({ enabled: true, regions });
const notConfigured: Route = () => ({ enabled: false, regions: [] });
const NOT_CONFIGURED =
  'No AWS account is configured, so X-Ray is not read: name one under aws.accounts in the server\'s configuration file ("spanloom aws policy" prints what its role needs)\n';

function backfill(more: Partial<XRayBackfill> = {}): XRayBackfill {
  return {
    id: 'b1',
    from: '2026-11-17T12:00:00.000Z',
    to: '2026-11-20T12:00:00.000Z',
    state: 'running',
    progress: 0.25,
    traces: 1200,
    error: null,
    ...more,
  };
}

test('xray status has a line for each region, and says what is wrong and what to do', async () => {
  await using server = await FakeServer.start({
    [STATUS]: status(
      xrayRegion(),
      xrayRegion({
        region: 'us-east-1',
        state: 'failing',
        lag_seconds: null,
        problem: {
          name: 'AccessDeniedException',
          message: 'not authorized to perform: xray:BatchGetTraces',
          missing_action: 'xray:BatchGetTraces',
          fix: 'Add this statement to the policy of role Spanloom: {}',
          since: '2026-11-20T11:00:00.000Z',
        },
        permissions: {
          checked_at: null,
          actions: [
            {
              action: 'xray:BatchGetTraces',
              required: true,
              purpose: 'read traces',
              status: 'denied',
              message: null,
            },
          ],
        },
        warnings: ['Transaction Search is on: 1 % of traces are indexed'],
        backfills: [backfill()],
      }),
    ),
  });
  expect(await spanloom(['xray', 'status'], server.env)).toEqual({
    code: 0,
    stdout: `ACCOUNT       REGION     STATE    MODE     LAG   WRITTEN  THROTTLED  ERRORS  COST THIS MONTH
111122223333  eu-west-1  running  classic  16 s  20       0          0       $0.42 of 20.00
111122223333  us-east-1  failing  classic  -     20       0          0       $0.42 of 20.00

111122223333 us-east-1
  AccessDeniedException since 2026-11-20 11:00:00.000 UTC
  not authorized to perform: xray:BatchGetTraces
  To do: Add this statement to the policy of role Spanloom: {}
  xray:BatchGetTraces not allowed: read traces
  Note: Transaction Search is on: 1 % of traces are indexed
  Backfill b1, 2026-11-17 12:00 to 2026-11-20 12:00 UTC: running, 25 %
`,
    stderr: '',
  });
});

test('xray status --json prints the answer as it came', async () => {
  await using server = await FakeServer.start({ [STATUS]: status(xrayRegion()) });
  const { code, stdout } = await spanloom(['xray', 'status', '--json'], server.env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ enabled: true, regions: [xrayRegion()] });
});

test('without an account xray status says so, and crawl and backfill fail', async () => {
  await using server = await FakeServer.start({ [STATUS]: notConfigured });
  expect(await spanloom(['xray', 'status'], server.env)).toEqual({
    code: 0,
    stdout: NOT_CONFIGURED,
    stderr: '',
  });
  expect(await spanloom(['xray', 'crawl', '--once'], server.env)).toEqual({
    code: 1,
    stdout: '',
    stderr: NOT_CONFIGURED,
  });
  expect(await spanloom(['xray', 'backfill', '--from', 'now-1d'], server.env)).toEqual({
    code: 1,
    stdout: '',
    stderr: NOT_CONFIGURED,
  });
});

/** A region whose sweep ends with the second look after it was asked for. */
function crawling(after: Partial<XRayRegionStatus> = {}): Readonly<Record<string, Route>> {
  let looks = 0;
  let asked = false;
  const sweep = { name: 'hot', checkpoint: null, last_run: '2026-11-20T12:00:15.000Z' } as const;
  return {
    [CRAWL]: () => {
      asked = true;
      return { enabled: true, regions: [] };
    },
    [STATUS]: () => {
      if (asked) looks++;
      const done = xrayRegion({
        counts: { ...xrayRegion().counts, listed: 130, fetched: 28, written: 21, rewritten: 7 },
        sweeps: [{ ...sweep, last_run: `2026-11-20T12:01:0${looks}.000Z`, running: false }],
        ...after,
      });
      const region = looks >= 2 ? done : xrayRegion({ sweeps: [{ ...sweep, running: looks > 0 }] });
      return {
        enabled: true,
        regions: [region, xrayRegion({ region: 'us-east-1', state: 'disabled' })],
      };
    },
  };
}

test('xray crawl --once asks for a sweep, waits for it and says what it brought', async () => {
  await using server = await FakeServer.start(crawling());
  expect(await spanloom(['xray', 'crawl', '--once'], server.env)).toEqual({
    code: 0,
    stdout: '111122223333 eu-west-1  30 traces listed, 8 fetched, 8 written\n',
    stderr: 'Waiting for 1 region: 111122223333 eu-west-1\n',
  });
  expect(server.routes.slice(0, 2)).toEqual([STATUS, CRAWL]);
});

test('xray crawl --once fails when the sweep did', async () => {
  const problem = {
    name: 'ExpiredToken',
    message: 'The token has expired',
    missing_action: null,
    fix: null,
    since: '',
  };
  await using server = await FakeServer.start(crawling({ state: 'failing', problem }));
  const { code, stdout } = await spanloom(['xray', 'crawl', '--once', '--json'], server.env);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    regions: [
      {
        account: '111122223333',
        region: 'eu-west-1',
        state: 'failing',
        listed: 30,
        fetched: 8,
        written: 8,
        problem: 'The token has expired',
      },
    ],
  });
});

test('xray crawl goes on with each sweep until Ctrl-C', async () => {
  const routes = crawling();
  let looks = 0;
  const { promise: reached, resolve: enough } = Promise.withResolvers<void>();
  await using server = await FakeServer.start({
    ...routes,
    [STATUS]: (asked, response) => {
      if (++looks === 5) enough();
      return routes[STATUS]!(asked, response);
    },
  });
  const command = new RunningCommand(['xray', 'crawl'], server.env);
  await reached;
  command.interrupt();
  const { code, stdout } = await command.ended;
  expect(code).toBe(0);
  expect(stdout).toContain(
    '111122223333 eu-west-1  30 traces listed, 8 fetched, 8 written\n111122223333 eu-west-1  0 traces listed, 0 fetched, 0 written\n',
  );
});

test('xray backfill asks for the range of the one region there is, and waits for its end', async () => {
  const states: XRayBackfill[] = [
    backfill(),
    backfill({ state: 'done', progress: 1, traces: 4800 }),
  ];
  await using server = await FakeServer.start({
    [STATUS]: status(xrayRegion()),
    [BACKFILLS]: () => backfill({ state: 'queued', progress: 0, traces: 0 }),
    'GET /api/xray/backfills/b1': () => states.shift(),
  });
  expect(await spanloom(['xray', 'backfill', '--from', 'now-3d'], server.env)).toEqual({
    code: 0,
    stdout: 'Backfill b1 (2026-11-17 12:00:00 to 2026-11-20 12:00:00 UTC): done, 4,800 traces\n',
    stderr: 'Backfill b1: Ctrl-C cancels it\nBackfill b1: queued, 0 %, 0 traces\n',
  });
  expect(server.asked[1]).toMatchObject({
    route: BACKFILLS,
    body: { account: '111122223333', region: 'eu-west-1', from: 'now-3d', to: 'now' },
  });
});

test('xray backfill wants to know which region where there are several', async () => {
  await using server = await FakeServer.start({
    [STATUS]: status(xrayRegion(), xrayRegion({ region: 'us-east-1' })),
    [BACKFILLS]: () => backfill(),
  });
  const args = ['xray', 'backfill', '--from', 'now-3d', '--detach', '--json'];
  const refused = await spanloom(args, server.env);
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stderr)).toEqual({
    error: {
      code: 'USAGE',
      message:
        'Say which with --account and --region; the server reads 111122223333 eu-west-1, 111122223333 us-east-1',
    },
  });
  const { code, stdout } = await spanloom([...args, '--region', 'us-east-1'], server.env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(backfill());
  expect(server.asked.at(-1)?.body).toMatchObject({ region: 'us-east-1' });
  expect((await spanloom([...args, '--region', 'eu-north-1'], server.env)).code).toBe(2);
});

test('xray backfill wants a beginning', async () => {
  expect(await spanloom(['xray', 'backfill'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'Expected --from, such as --from now-3d\nSee spanloom xray backfill --help\n',
  });
});

test('xray backfill says why one failed', async () => {
  await using server = await FakeServer.start({
    'GET /api/xray/backfills/b1': () => backfill({ state: 'failed', error: 'not authorized' }),
  });
  expect(await spanloom(['xray', 'backfill', '--follow', 'b1'], server.env)).toEqual({
    code: 1,
    stdout: 'Backfill b1 (2026-11-17 12:00:00 to 2026-11-20 12:00:00 UTC): failed, 1,200 traces\n',
    stderr: 'not authorized\n',
  });
});

async function interruptBackfill(args: readonly string[], cancel: Route) {
  const { promise: reached, resolve: asked } = Promise.withResolvers<void>();
  await using server = await FakeServer.start({
    [STATUS]: status(xrayRegion()),
    [BACKFILLS]: () => backfill(),
    'GET /api/xray/backfills/b1': () => {
      asked();
      return backfill();
    },
    'DELETE /api/xray/backfills/b1': cancel,
  });
  const command = new RunningCommand(['xray', 'backfill', ...args], server.env);
  await reached;
  command.interrupt();
  const { code, stderr } = await command.ended;
  return { code, stderr: stderr.split('\n').slice(-3), cancelled: server.routes.at(-1) };
}

test('Ctrl-C cancels a backfill on the server', async () => {
  const run = interruptBackfill(['--from', 'now-3d'], () => backfill({ state: 'cancelled' }));
  expect(await run).toEqual({
    code: 130,
    stderr: ['Cancelled backfill b1; what has been read stays', 'Interrupted', ''],
    cancelled: 'DELETE /api/xray/backfills/b1',
  });
});

test('Ctrl-C says so when the backfill cannot be cancelled', async () => {
  const run = interruptBackfill(['--from', 'now-3d'], (_, response) =>
    refuse(response, 503, 'OVERLOADED', 'The server is busy'),
  );
  expect(await run).toMatchObject({
    code: 130,
    stderr: [
      'Cannot cancel backfill b1, it goes on: The server is busy. Try spanloom xray backfill --cancel b1',
      'Interrupted',
      '',
    ],
  });
});

test('Ctrl-C leaves a backfill alone that is only followed', async () => {
  expect(await interruptBackfill(['--follow', 'b1'], () => backfill())).toMatchObject({
    code: 130,
    cancelled: 'GET /api/xray/backfills/b1',
  });
});

test('xray backfill --cancel cancels one', async () => {
  await using server = await FakeServer.start({
    'DELETE /api/xray/backfills/b1': () => backfill({ state: 'cancelled' }),
  });
  expect(await spanloom(['xray', 'backfill', '--cancel', 'b1'], server.env)).toMatchObject({
    code: 0,
    stdout:
      'Backfill b1 (2026-11-17 12:00:00 to 2026-11-20 12:00:00 UTC): cancelled, 1,200 traces\n',
  });
});
