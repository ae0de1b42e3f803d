import { startGrpcListener } from './grpc-listener.ts';
import { startHttpListener } from './http-listener.ts';
import type { Intake } from './intake.ts';
import type { Listener, ListenOptions } from './listener.ts';

/** An address; the listener adds its own name and setting. */
export type ListenAddress = Pick<ListenOptions, 'host' | 'port' | 'closeTimeoutMs'>;

/** The agent API (port 8126 by default). */
export function startAgentListener(intake: Intake, address: ListenAddress): Promise<Listener> {
  const options = { ...address, name: 'agent', setting: 'SPANLOOM_AGENT_PORT' } as const;
  return startHttpListener(options, intake.parts.counters, intake.handleAgentPort);
}

/** OTLP over HTTP (port 4318 by default). */
export function startOtlpHttpListener(intake: Intake, address: ListenAddress): Promise<Listener> {
  const options = { ...address, name: 'otlp-http', setting: 'SPANLOOM_OTLP_HTTP_PORT' } as const;
  return startHttpListener(options, intake.parts.counters, intake.handleOtlpPort);
}

/** OTLP over gRPC (port 4317 by default). */
export function startOtlpGrpcListener(intake: Intake, address: ListenAddress): Promise<Listener> {
  const options = { ...address, name: 'otlp-grpc', setting: 'SPANLOOM_OTLP_GRPC_PORT' } as const;
  return startGrpcListener(options, intake);
}

/**
 * The port shared with the UI and its API (7070 by default). `handler` sees every request: it asks
 * `intake.handleSharedPort` first and serves what that leaves.
 */
export function startSharedListener(
  intake: Intake,
  address: ListenAddress,
  handler: Parameters<typeof startHttpListener>[2],
): Promise<Listener> {
  const options = { ...address, name: 'http', setting: 'SPANLOOM_PORT' } as const;
  return startHttpListener(options, intake.parts.counters, handler);
}
