import type { EpochMillis } from '@spanloom/base';
import { type ClientStatsPayload, decodeAgentStats, decodeClientStats } from '@spanloom/codec';
import type { IntakeRecord } from '@spanloom/model';
import type { ClientStatsRow } from '@spanloom/storage';

/**
 * The rows of a payload of client statistics: one for each process that counted.
 * @throws {DecodeError} If the payload does not follow its format.
 */
export function statsRows(record: IntakeRecord): ClientStatsRow[] {
  if (record.format === 'agent-stats-msgpack') {
    const { agentHostname, agentEnv, stats } = decodeAgentStats(record.body);
    return stats.map((payload) => row(record, payload, { hostname: agentHostname, env: agentEnv }));
  }
  return [row(record, decodeClientStats(record.body), { hostname: '', env: '' })];
}

function row(
  record: IntakeRecord,
  payload: ClientStatsPayload,
  agent: { hostname: string; env: string },
): ClientStatsRow {
  return {
    received: record.receivedMs as EpochMillis,
    format: record.format,
    // Java states language and version in headers only.
    language: payload.lang || (record.headers['datadog-meta-lang'] ?? ''),
    tracerVersion: payload.tracerVersion || (record.headers['datadog-meta-tracer-version'] ?? ''),
    runtimeId: payload.runtimeId,
    sequence: BigInt(Math.trunc(payload.sequence)),
    hostname: payload.hostname || agent.hostname,
    env: payload.env || agent.env,
    service: payload.service,
    version: payload.version,
    payload: JSON.stringify(payload, jsonValue),
  };
}

/** Sketches as base64 and 64-bit times as decimal text: JSON has neither. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
