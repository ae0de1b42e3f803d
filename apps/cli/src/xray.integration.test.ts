import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpanEventAttributes } from '@spanloom/contract';
import { LocalXRay } from '@spanloom/local-xray';
import { apiToLambda } from '@spanloom/local-xray/scenes';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RealServer } from './testing/real-server.ts';
import { spanloom } from './testing/run-command.ts';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/SpanloomIntegration`;
const EXTERNAL_ID = 'an-external-id-of-thirty-two-characters';

let xray: LocalXRay;
let server: RealServer;
let env: Record<string, string>;
let config: string;

beforeAll(async () => {
  xray = await LocalXRay.start({
    accounts: [
      { id: ACCOUNT, roles: [{ name: 'SpanloomIntegration', externalId: EXTERNAL_ID }] },
      { id: '999988887777', accessKeyIds: ['AKIASERVER'] },
    ],
  });
  config = configFile(EXTERNAL_ID);
  const aws = {
    AWS_ENDPOINT_URL: xray.url,
    AWS_ACCESS_KEY_ID: 'AKIASERVER',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_EC2_METADATA_DISABLED: 'true',
    SPANLOOM_CONFIG: config,
  };
  server = await RealServer.start(aws);
  env = { ...aws, SPANLOOM_URL: server.url };
});

afterEach(() => xray.script.clear());

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await xray?.[Symbol.asyncDispose]();
});

function configFile(externalId: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'spanloom-config-')), 'spanloom.yaml');
  writeFileSync(
    file,
    `aws:
  accounts:
    - id: "${ACCOUNT}"
      regions: [eu-west-1]
      role_arn: ${ROLE}
      external_id: "${externalId}"
      env: prod
      xray: { poll_seconds: 3600 }
`,
  );
  return file;
}

interface Checked {
  readonly ok: boolean;
  readonly regions: readonly {
    readonly checks: readonly { action: string; status: string; failure?: { fix?: string } }[];
  }[];
}

async function check(
  args: readonly string[] = [],
): Promise<{ code: number | null; found: Checked }> {
  const { code, stdout } = await spanloom(['aws', 'check', '--json', ...args], env);
  return { code, found: JSON.parse(stdout) as Checked };
}

function notAllowed({ regions }: Checked): string[] {
  return regions.flatMap(({ checks }) =>
    checks
      .filter(({ status }) => status !== 'allowed')
      .map(({ action, status }) => `${action} ${status}`),
  );
}

test('aws check passes with a role that is allowed everything', async () => {
  const { code, found } = await check();
  expect({ code, ok: found.ok, notAllowed: notAllowed(found) }).toEqual({
    code: 0,
    ok: true,
    notAllowed: [],
  });
});

test('aws check names the one action that is denied', async () => {
  xray.script.deny({ operation: 'BatchGetTraces' });
  const { code, found } = await check();
  expect({ code, notAllowed: notAllowed(found) }).toEqual({
    code: 1,
    notAllowed: ['xray:BatchGetTraces denied'],
  });
  const denied = found.regions[0]?.checks.find(({ status }) => status === 'denied');
  expect(denied?.failure?.fix).toBe(
    'Add this statement to the policy of role SpanloomIntegration: {"Effect":"Allow","Action":"xray:BatchGetTraces","Resource":"*"}',
  );
});

test('aws check goes on to the key where it is the key that is refused', async () => {
  const keyArn = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e`;
  xray.script.denyKey({ keyArn });
  const { code, found } = await check();
  expect({ code, notAllowed: notAllowed(found) }).toEqual({
    code: 1,
    notAllowed: ['kms:Decrypt denied'],
  });
});

test('aws check passes when optional calls are denied', async () => {
  xray.script.deny({ operation: 'FilterLogEvents' });
  const { code, found } = await check();
  expect({ code, notAllowed: notAllowed(found) }).toEqual({
    code: 0,
    notAllowed: ['logs:FilterLogEvents denied'],
  });
});

test('aws check stops at a wrong external id', async () => {
  const { code, found } = await check(['--config', configFile('another-external-id')]);
  expect(code).toBe(1);
  expect(notAllowed(found)[0]).toBe('sts:AssumeRole denied');
  expect(found.regions[0]?.checks[0]?.failure?.fix).toContain('sts:ExternalId');
});

async function tracesFound(): Promise<Set<string>> {
  const { stdout } = await spanloom(
    ['query', '--from', 'now-6h', '--limit', '1000', '--json'],
    env,
  );
  const lines = stdout.split('\n').filter((line) => line !== '');
  return new Set(lines.map((line) => (JSON.parse(line) as SpanEventAttributes).trace_id));
}

test('xray crawl --once brings a new trace in', async () => {
  const scene = apiToLambda({ at: Date.now() - 60_000 });
  xray.put(ACCOUNT, 'eu-west-1', scene.documents, { visibleAt: Date.now() - 20_000 });
  await expect
    .poll(
      async () => {
        const crawl = await spanloom(['xray', 'crawl', '--once', '--json'], env);
        expect(crawl.code).toBe(0);
        return (await spanloom(['trace', scene.traceId], env)).code;
      },
      { timeout: 60_000, interval: 1_000 },
    )
    .toBe(0);
  const { stdout } = await spanloom(['xray', 'status'], env);
  expect(stdout).toMatch(/^111122223333 +eu-west-1 +running +classic/m);
});

test('xray backfill brings older traces in', async () => {
  const scenes = [3, 4, 5].map((hours) => apiToLambda({ at: Date.now() - hours * 3_600_000 }));
  for (const { documents } of scenes) xray.put(ACCOUNT, 'eu-west-1', documents);
  const { code, stdout } = await spanloom(
    ['xray', 'backfill', '--from', 'now-6h', '--to', 'now-2h'],
    env,
  );
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('done, 3 traces') as string,
  });
  await expect
    .poll(async () => (await tracesFound()).size, { timeout: 60_000, interval: 1_000 })
    .toBeGreaterThanOrEqual(3);
});

test('doctor says what keeps X-Ray from being read', async () => {
  xray.script.deny({ operation: 'GetTraceSummaries' });
  await spanloom(['xray', 'crawl', '--once'], env);
  const { code, stdout } = await spanloom(['doctor'], env);
  expect(stdout).toMatch(/xray:GetTraceSummaries/);
  expect(code).toBe(1);
});
