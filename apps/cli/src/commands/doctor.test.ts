import type { SystemResponse } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { FakeServer, type Route } from '../testing/fake-server.ts';
import { spanloom } from '../testing/run-command.ts';
import { xrayRegion } from '../testing/samples.ts';

function system(more: Partial<SystemResponse> = {}): SystemResponse {
  return {
    version: '0.1.0',
    started_at: '2026-11-20T12:00:00.000Z',
    ready: true,
    reasons: [],
    engine: { kind: 'embedded', version: '26.7' },
    listeners: [
      { name: 'http', address: '127.0.0.1:7070' },
      { name: 'agent', address: null },
    ],
    spans: { received: 10, written: 10, stored: 10, newest: null },
    queue: { batches: 0, rows: 0, bytes: 0, max_bytes: 268_435_456, wal_bytes: 1024 },
    storage: [],
    clients: [
      {
        language: 'nodejs',
        language_version: '24',
        tracer_version: '6.21.0',
        endpoint: '/v0.4/traces',
        last_seen: '',
        payloads: 1,
        traces: 1,
        spans: 10,
        bytes: 100,
        dropped_p0_traces: 0,
        dropped_p0_spans: 0,
      },
    ],
    counters: [],
    ...more,
  };
}

function routes(
  state: SystemResponse,
  xray: unknown = { enabled: false, regions: [] },
): Record<string, Route> {
  return {
    'GET /health': () => ({ status: 'ok' }),
    'GET /api/system': () => state,
    'GET /api/xray/status': () => xray,
  };
}

test('doctor finds nothing wrong with a healthy server', async () => {
  await using server = await FakeServer.start(
    routes(system(), { enabled: true, regions: [xrayRegion()] }),
  );
  expect(await spanloom(['doctor'], server.env)).toEqual({
    code: 0,
    stdout: `ok    The server answers at ${server.url}
ok    Version 0.1.0, engine 26.7, ready since 2026-11-20T12:00:00.000Z
ok    Listening: http 127.0.0.1:7070; off: agent
ok    Senders of the last hour: nodejs 6.21.0 (10 spans)
ok    Queue: 0 rows, 0 B of 256 MiB; log on disk 1 KiB
ok    X-Ray of 111122223333 eu-west-1 is read, 16 s behind
`,
    stderr: '',
  });
});

test('doctor names what is wrong and what to do, and fails', async () => {
  const problem = {
    name: 'RegionDisabledException',
    message: 'not activated',
    missing_action: null,
    fix: 'Enable it',
    since: '',
  };
  const denied = {
    action: 'xray:BatchGetTraces',
    required: true,
    purpose: 'read traces',
    status: 'denied',
    message: null,
  } as const;
  await using server = await FakeServer.start(
    routes(
      system({
        ready: false,
        reasons: ['the engine is opening'],
        clients: [],
        queue: {
          batches: 9,
          rows: 1_000_000,
          bytes: 230_000_000,
          max_bytes: 268_435_456,
          wal_bytes: 0,
        },
        storage: [{ table: 'spans', rows: 1, bytes: 1, parts: 1, broken_parts: 2 }],
        counters: [
          {
            name: 'spanloom_receiver_payload_refused_total',
            help: 'Payloads refused',
            samples: [
              { labels: { reason: 'limit' }, value: 3 },
              { labels: { reason: 'key' }, value: 0 },
            ],
          },
          {
            name: 'spanloom_receiver_spans_total',
            help: 'Spans',
            samples: [{ labels: {}, value: 9 }],
          },
        ],
      }),
      {
        enabled: true,
        regions: [
          xrayRegion({
            state: 'failing',
            problem,
            warnings: ['Transaction Search is on'],
            permissions: { checked_at: null, actions: [denied] },
          }),
          xrayRegion({ region: 'us-east-1', state: 'over_budget' }),
          xrayRegion({ region: 'us-east-2', lag_seconds: 4000 }),
        ],
      },
    ),
  );
  const { code, stdout } = await spanloom(['doctor'], server.env);
  expect(code).toBe(1);
  expect(stdout).toBe(`ok    The server answers at ${server.url}
BAD   Version 0.1.0, engine 26.7, not ready: the engine is opening
      Wait if it has just started; otherwise the server log has the details
ok    Listening: http 127.0.0.1:7070; off: agent
note  Nothing has been sent in the last hour
      docs/sending.md says how a tracer is pointed here
BAD   Queue: 1,000,000 rows, 219 MiB of 256 MiB; log on disk 0 B
      The database does not keep up, and senders are about to be told to slow down: send less, or give the server more
BAD   Table spans has 2 damaged parts
      They were set aside and the rest is readable; see docs/operations.md
note  Payloads refused: 3 (reason limit)
      Counted in spanloom_receiver_payload_refused_total since the start; what the reasons mean is in docs/operations.md
BAD   X-Ray of 111122223333 eu-west-1 is failing: RegionDisabledException: not activated
      Enable it
BAD   X-Ray of 111122223333 eu-west-1: xray:BatchGetTraces is not allowed (read traces)
      "spanloom aws policy" prints what the role needs
note  X-Ray of 111122223333 eu-west-1: Transaction Search is on
note  X-Ray of 111122223333 us-east-1 is not read: this month's $20 are spent
      Raise xray.monthly_budget_usd, or read less: xray.filter, xray.sampling_rate
note  X-Ray of 111122223333 us-east-2 is read, 1 h 6 min behind
      0 calls were throttled; a filter or a lower sampling rate takes fewer
`);
});

test('doctor finds that nothing answers', async () => {
  const { code, stdout } = await spanloom(['doctor', '--json'], {
    SPANLOOM_URL: 'http://127.0.0.1:1',
  });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, findings: [{ grade: 'bad' }] });
});
