import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { SETTINGS } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'spanloom-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

const key = 'a'.repeat(32);

function load(env: Record<string, string>, yaml?: string) {
  if (yaml === undefined) return loadConfig(env, { cwd: dir });
  writeFileSync(join(dir, 'spanloom.yaml'), yaml);
  return loadConfig({ ...env, SPANLOOM_CONFIG: 'spanloom.yaml' }, { cwd: dir });
}

test('without settings everything listens on loopback at the usual ports', () => {
  expect(load({})).toMatchObject({
    host: '127.0.0.1',
    port: 7070,
    agentPort: 8126,
    otlpHttpPort: 4318,
    otlpGrpcPort: 4317,
    xrayUdpPort: 2000,
    dataDir: join(dir, 'data'),
    ingestKeys: [],
    adminToken: undefined,
  });
});

test('the environment wins over the file', () => {
  const config = load({ SPANLOOM_PORT: '9000' }, 'port: 8000\nretention:\n  kept_days: 30\n');
  expect(config.port).toBe(9000);
  expect(config.keptDays).toBe(30);
});

test('an address beyond loopback demands keys and a token', () => {
  expect(() => load({ SPANLOOM_HOST: '0.0.0.0' })).toThrow(
    'Cannot listen on 0.0.0.0: an address beyond loopback needs SPANLOOM_INGEST_KEYS and SPANLOOM_ADMIN_TOKEN. Set it, or leave SPANLOOM_HOST at 127.0.0.1',
  );
  expect(
    load({ SPANLOOM_HOST: '0.0.0.0', SPANLOOM_INGEST_KEYS: key, SPANLOOM_ADMIN_TOKEN: 'secret' })
      .host,
  ).toBe('0.0.0.0');
});

test('a key of the wrong form is refused without repeating it', () => {
  expect(() => load({ SPANLOOM_INGEST_KEYS: `${key},HUSHHUSH` })).toThrow(
    'Key 2 of SPANLOOM_INGEST_KEYS must be 32 lower-case hex characters (senders check that), found 8 characters',
  );
});

test.each([
  [{ SPANLOOM_PORT: '70000' }, 'SPANLOOM_PORT must be a port from 0 to 65535, found "70000"'],
  [{ SPANLOOM_KEPT_DAYS: '0' }, 'SPANLOOM_KEPT_DAYS must be a whole number from 1, found "0"'],
  [
    { SPANLOOM_MAX_WAL: '8 bits' },
    'SPANLOOM_MAX_WAL must be a size such as 256MiB, found "8 bits"',
  ],
  [
    { SPANLOOM_LOG_LEVEL: 'loud' },
    'SPANLOOM_LOG_LEVEL must be debug, info, warn or error, found "loud"',
  ],
])('%o is refused', (env, message) => {
  expect(() => load(env)).toThrow(message);
});

test('an unknown key in the file is an error that names it', () => {
  expect(() => load({}, 'prot: 7070\n')).toThrow(/^Unknown key prot in .*known are host, port/);
});

test('sizes are read with their unit', () => {
  expect(load({ SPANLOOM_MAX_PENDING: '1.5GiB' }).pendingBytes).toBe(1_610_612_736);
  expect(load({ SPANLOOM_MAX_PENDING: '100MB' }).pendingBytes).toBe(100_000_000);
});

test('docs/configuration.md describes every setting with its default', () => {
  const page = readFileSync(
    join(import.meta.dirname, '..', '..', '..', 'docs', 'configuration.md'),
    'utf8',
  );
  for (const setting of SETTINGS) {
    expect(page).toContain(
      `| \`${setting.env}\` | \`${setting.key}\` | ${setting.default === '' ? '' : `\`${setting.default}\``} | ${setting.help} |`,
    );
  }
});
