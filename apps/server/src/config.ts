import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { ConfigError, errorMessage, isJsonObject } from '@spanloom/base';
import { parse as parseYaml } from 'yaml';
import { type AwsAccountConfig, readAwsAccounts } from './aws-accounts.ts';
import type { LogLevel } from './log.ts';
import { type Setting, type SettingName, SETTINGS } from './settings.ts';

/** The one key whose value is a list of objects: see `aws-accounts.ts`. */
const AWS_ACCOUNTS = 'aws.accounts';

/** What the server runs with: parsed once, trusted inside. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Ports of 0 are switched off. */
  readonly agentPort: number;
  readonly otlpHttpPort: number;
  readonly otlpGrpcPort: number;
  readonly xrayUdpPort: number;
  readonly dataDir: string;
  readonly ingestKeys: readonly string[];
  readonly adminToken: string | undefined;
  readonly openAgentRoutes: boolean;
  readonly liveMinutes: number;
  readonly keptDays: number;
  readonly bodyMemoryBytes: number;
  readonly pendingBytes: number;
  readonly walBytes: number;
  readonly engineMemoryBytes: number;
  readonly querySeconds: number;
  readonly logLevel: LogLevel;
  /** Only in the file: a list has no place in the environment. */
  readonly awsAccounts: readonly AwsAccountConfig[];
}

/**
 * Reads settings from the environment and from the YAML file `SPANLOOM_CONFIG` or `--config` names; the environment wins.
 * @throws {ConfigError} That names the setting, what was found and what would do.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  options: { cwd: string; configFile?: string | undefined },
): Config {
  const file = options.configFile ?? env['SPANLOOM_CONFIG'];
  const fromFile =
    file === undefined ? new Map<string, unknown>() : readFile(resolve(options.cwd, file));
  const text = (name: SettingName): string => {
    const setting: Setting = SETTINGS.find((one) => one.env === name)!;
    const given = env[name];
    if (given !== undefined && given.trim() !== '') return given.trim();
    const value = fromFile.get(setting.key);
    return value === undefined ? setting.default : plainText(setting, value);
  };
  const config: Config = {
    host: text('SPANLOOM_HOST'),
    port: readPort('SPANLOOM_PORT', text('SPANLOOM_PORT')),
    agentPort: readPort('SPANLOOM_AGENT_PORT', text('SPANLOOM_AGENT_PORT')),
    otlpHttpPort: readPort('SPANLOOM_OTLP_HTTP_PORT', text('SPANLOOM_OTLP_HTTP_PORT')),
    otlpGrpcPort: readPort('SPANLOOM_OTLP_GRPC_PORT', text('SPANLOOM_OTLP_GRPC_PORT')),
    xrayUdpPort: readPort('SPANLOOM_XRAY_UDP_PORT', text('SPANLOOM_XRAY_UDP_PORT')),
    dataDir: resolve(options.cwd, text('SPANLOOM_DATA_DIR')),
    ingestKeys: readKeys(text('SPANLOOM_INGEST_KEYS')),
    adminToken: text('SPANLOOM_ADMIN_TOKEN') || undefined,
    openAgentRoutes: readSwitch('SPANLOOM_OPEN_AGENT_ROUTES', text('SPANLOOM_OPEN_AGENT_ROUTES')),
    liveMinutes: readCount('SPANLOOM_LIVE_MINUTES', text('SPANLOOM_LIVE_MINUTES')),
    keptDays: readCount('SPANLOOM_KEPT_DAYS', text('SPANLOOM_KEPT_DAYS')),
    bodyMemoryBytes: readBytes('SPANLOOM_MAX_BODY_MEMORY', text('SPANLOOM_MAX_BODY_MEMORY')),
    pendingBytes: readBytes('SPANLOOM_MAX_PENDING', text('SPANLOOM_MAX_PENDING')),
    walBytes: readBytes('SPANLOOM_MAX_WAL', text('SPANLOOM_MAX_WAL')),
    engineMemoryBytes: readBytes('SPANLOOM_ENGINE_MEMORY', text('SPANLOOM_ENGINE_MEMORY')),
    querySeconds: readCount('SPANLOOM_QUERY_SECONDS', text('SPANLOOM_QUERY_SECONDS')),
    logLevel: readLogLevel(text('SPANLOOM_LOG_LEVEL')),
    awsAccounts: readAwsAccounts(fromFile.get(AWS_ACCOUNTS)),
  };
  demandKeysBeyondLoopback(config);
  return config;
}

/** Whether only programs on this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function demandKeysBeyondLoopback(config: Config): void {
  if (isLoopback(config.host)) return;
  const missing = [
    ...(config.ingestKeys.length === 0 ? ['SPANLOOM_INGEST_KEYS'] : []),
    ...(config.adminToken === undefined ? ['SPANLOOM_ADMIN_TOKEN'] : []),
  ];
  if (missing.length === 0) return;
  throw new ConfigError(
    `Cannot listen on ${config.host}: an address beyond loopback needs ${missing.join(' and ')}. ` +
      'Set it, or leave SPANLOOM_HOST at 127.0.0.1',
  );
}

/** The file's settings by dotted key. Keys we do not know are errors: a typo must not go unnoticed. */
function readFile(path: string): Map<string, unknown> {
  if (!existsSync(path))
    throw new ConfigError(`Cannot read configuration: there is no file ${path}`);
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`Cannot read configuration file ${path}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  if (parsed === null || parsed === undefined) return new Map();
  if (!isJsonObject(parsed)) {
    throw new ConfigError(`Cannot read configuration file ${path}: expected keys and values`);
  }
  const found = new Map<string, unknown>();
  collect(parsed, '', found);
  const known = new Set<string>([...SETTINGS.map((setting) => setting.key), AWS_ACCOUNTS]);
  for (const key of found.keys()) {
    if (!known.has(key)) {
      throw new ConfigError(`Unknown key ${key} in ${path}; known are ${[...known].join(', ')}`);
    }
  }
  return found;
}

function collect(node: Record<string, unknown>, prefix: string, into: Map<string, unknown>): void {
  for (const [key, value] of Object.entries(node)) {
    if (isJsonObject(value)) collect(value, `${prefix}${key}.`, into);
    else into.set(`${prefix}${key}`, value);
  }
}

function plainText(setting: Setting, value: unknown): string {
  if (Array.isArray(value) && setting.kind === 'list') return value.join(',');
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value).trim();
  throw new ConfigError(`Key ${setting.key} of the configuration file must be a plain value`);
}

function readPort(name: SettingName, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError(`${name} must be a port from 0 to 65535, found ${JSON.stringify(text)}`);
}

function readCount(name: SettingName, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new ConfigError(`${name} must be a whole number from 1, found ${JSON.stringify(text)}`);
}

function readSwitch(name: SettingName, text: string): boolean {
  if (['true', '1', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'no', 'off'].includes(text.toLowerCase())) return false;
  throw new ConfigError(`${name} must be true or false, found ${JSON.stringify(text)}`);
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

function readBytes(name: SettingName, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text);
  const unit = SIZES[match?.[2]?.toLowerCase() ?? 'none'];
  if (match === null || unit === undefined) {
    throw new ConfigError(`${name} must be a size such as 256MiB, found ${JSON.stringify(text)}`);
  }
  return Math.floor(Number(match[1]) * unit);
}

function readKeys(text: string): string[] {
  const keys = text.split(',').flatMap((key) => (key.trim() === '' ? [] : [key.trim()]));
  keys.forEach((key, index) => {
    // Said without the key itself: this message ends up in logs.
    if (!/^[0-9a-f]{32}$/.test(key)) {
      throw new ConfigError(
        `Key ${index + 1} of SPANLOOM_INGEST_KEYS must be 32 lower-case hex characters (senders check that), found ${key.length} characters`,
      );
    }
  });
  return keys;
}

function readLogLevel(text: string): LogLevel {
  if (text === 'debug' || text === 'info' || text === 'warn' || text === 'error') return text;
  throw new ConfigError(
    `SPANLOOM_LOG_LEVEL must be debug, info, warn or error, found ${JSON.stringify(text)}`,
  );
}
