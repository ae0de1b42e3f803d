import type { Clock } from '@spanloom/base';
import type { Registry } from 'prom-client';
import type { AgentInfoOptions } from './agent-info.ts';
import type { RecordSink } from './record-sink.ts';

/** What the intake needs, and what may be set. */
export interface IntakeOptions {
  readonly sink: RecordSink;
  /** Where the counters go. */
  readonly registry: Registry;
  readonly clock: Clock;
  /** Ingest keys. Without any, nothing is checked: only sensible on a loopback address. */
  readonly keys: readonly string[];
  /**
   * Whether agent routes are open although keys exist. Tracers hold no key for the agent, so this is on where only
   * this machine can connect; elsewhere they show a key as host label or path prefix.
   */
  readonly openAgentRoutes: boolean;
  /** Called for errors that are nobody's fault but ours; the request was answered with 500. */
  readonly reportError: (error: unknown, doing: string) => void;
  readonly info?: AgentInfoOptions;
  /** Shares of traces to ask clients for, by `service:<service>,env:<env>`. Default: everything. */
  readonly rates?: Readonly<Record<string, number>>;
  /** Web origins that may send OTLP besides loopback ones; `*` for all. */
  readonly otlpOrigins?: readonly string[];
  /** Memory for request bodies, wire and inflated, in bytes. Default 256 MiB. */
  readonly memoryBytes?: number;
  /** How long a request waits for memory before it is refused. Default 1 s: senders give up at 2 s. */
  readonly memoryWaitMs?: number;
  /** How long a body may take to arrive. Default 30 s. */
  readonly bodyTimeoutMs?: number;
  /** How long the sink may take until a payload is durable. Default 10 s. */
  readonly ackTimeoutMs?: number;
}

/** What the options with a default come to. */
export interface IntakeDefaults {
  readonly memoryBytes: number;
  readonly memoryWaitMs: number;
  readonly bodyTimeoutMs: number;
  readonly ackTimeoutMs: number;
}

/** Defaults of `IntakeOptions`. */
export const INTAKE_DEFAULTS: IntakeDefaults = {
  memoryBytes: 256 * 1024 * 1024,
  memoryWaitMs: 1000,
  bodyTimeoutMs: 30_000,
  ackTimeoutMs: 10_000,
};
