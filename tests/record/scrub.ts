import { homedir, hostname } from 'node:os';
import { repository } from '../runtimes.ts';
import type { RecordedRequest } from './recording-agent.ts';

/** What the recording machine is called while it records. */
const applicationHost = 'app-host';

/** Headers that name the machine, and what stands there instead: the same shape, no meaning. */
const neutral = {
  host: 'localhost:8126',
  'datadog-container-id': '0'.repeat(64),
  'datadog-entity-id': `ci-${'0'.repeat(64)}`,
  'datadog-external-env': 'it-false,cn-app,pu-00000000-0000-0000-0000-000000000000',
} as const;

/** The headers of `request`, with everything that names a machine replaced. */
export function scrubHeaders(request: RecordedRequest): Record<string, string> {
  // A scrubbed body has another length than the one that was sent.
  const replaced = { ...neutral, 'content-length': String(request.body.length) };
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      name in replaced ? replaced[name as keyof typeof replaced] : value,
    ]),
  );
}

/**
 * A telemetry message without what describes the machine and its settings.
 *
 * Telemetry is JSON, so it can be taken apart and put together again; all other bodies stay as they came.
 * Long lists keep their first two entries: they show the shape, and the rest would name what is installed.
 */
export function scrubTelemetry(body: Buffer): Buffer {
  const message = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  const scrubbed = { ...message, host: { hostname: applicationHost, os: 'Linux' } };
  return Buffer.from(JSON.stringify(shorten(scrubbed)));
}

function shorten(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = isMessageBatch(value) ? value : value.slice(0, 2);
    return kept.map(shorten);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner)]));
  }
  return typeof value === 'string' && namesMachine(value) ? 'scrubbed' : value;
}

/** A batch lists one message of each kind: all of them are worth showing. */
function isMessageBatch(list: readonly unknown[]): boolean {
  return list.every((item) => typeof item === 'object' && item !== null && 'request_type' in item);
}

/**
 * Refuses to record on a machine that still has its own name, which some tracers send.
 *
 * @throws {Error} If the host is not called `app-host`.
 */
export function checkHostName(): void {
  if (hostname() === applicationHost) return;
  throw new Error(
    `Cannot record: the host is called ${JSON.stringify(hostname())}; ` +
      `"npm run record -w tests" runs this in a namespace where it is ${applicationHost}`,
  );
}

/**
 * Refuses a payload that names this machine.
 *
 * @throws {Error} Naming the text that was found. Nothing should then be written.
 */
export function checkNeutral(what: string, body: Buffer): void {
  const text = body.toString('utf8');
  const found = machineNames().find((name) => text.includes(name));
  if (found !== undefined) {
    throw new Error(`Cannot record ${what}: its body contains ${JSON.stringify(found)}`);
  }
}

function namesMachine(text: string): boolean {
  return machineNames().some((name) => text.includes(name));
}

/** Texts that tell where a payload was recorded. */
function machineNames(): string[] {
  return [repository, `${homedir()}/`];
}
