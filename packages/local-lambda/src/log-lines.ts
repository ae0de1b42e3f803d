import type { TelemetryEvent } from './telemetry-event.ts';

/** A line as CloudWatch Logs would hold it. */
export interface LogLine {
  readonly time: string;
  /** Who wrote it. */
  readonly source: 'platform' | 'function' | 'extension';
  /** Without a line break at its end, except where Lambda writes several lines as one event. */
  readonly text: string;
}

interface Tracing {
  readonly value: string;
  readonly spanId?: string;
}

/** What the `REPORT` line says; also the `metrics` of `platform.report`. */
export interface ReportMetrics {
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly memorySizeMB: number;
  readonly maxMemoryUsedMB: number;
  readonly initDurationMs?: number;
  readonly restoreDurationMs?: number;
  readonly billedRestoreDurationMs?: number;
}

interface ReportRecord {
  readonly requestId: string;
  readonly status: string;
  readonly errorType?: string;
  readonly metrics: ReportMetrics;
  readonly tracing?: Tracing;
}

/**
 * The line that Lambda writes to CloudWatch for a platform event, or `undefined` for an event that never appears there.
 *
 * With JSON logging the event itself is the line, unless `systemLogLevel` is `WARN`; `platform.initStart` and the like are shown
 * at `INFO`, the finer ones only at `DEBUG`.
 */
export function platformLine(
  event: TelemetryEvent,
  format: 'Text' | 'JSON',
  systemLogLevel: 'DEBUG' | 'INFO' | 'WARN',
): string | undefined {
  if (format === 'Text') return textLine(event);
  if (systemLogLevel === 'WARN' && event.type !== 'platform.logsDropped') return undefined;
  if (systemLogLevel === 'INFO' && debugOnly.has(event.type)) return undefined;
  return JSON.stringify(event);
}

const debugOnly = new Set([
  'platform.initRuntimeDone',
  'platform.runtimeDone',
  'platform.restoreRuntimeDone',
]);

function textLine(event: TelemetryEvent): string | undefined {
  switch (event.type) {
    case 'platform.initStart': {
      const record = event.record as { runtimeVersion: string; runtimeVersionArn: string };
      return `INIT_START Runtime Version: ${record.runtimeVersion}\tRuntime Version ARN: ${record.runtimeVersionArn}`;
    }
    case 'platform.initReport': {
      const record = event.record as {
        phase: string;
        status: string;
        errorType?: string;
        metrics: { durationMs: number };
      };
      // A successful initialisation is part of REPORT and gets no line of its own.
      if (record.status === 'success') return undefined;
      const error = record.errorType === undefined ? '' : `\tError Type: ${record.errorType}`;
      return `INIT_REPORT Init Duration: ${ms(record.metrics.durationMs)} ms\tPhase: ${record.phase}\tStatus: ${record.status}${error}`;
    }
    case 'platform.restoreStart': {
      const record = event.record as { runtimeVersion: string; runtimeVersionArn: string };
      return `RESTORE_START Runtime Version: ${record.runtimeVersion}\tRuntime Version ARN: ${record.runtimeVersionArn}`;
    }
    case 'platform.restoreReport': {
      const record = event.record as { metrics: { durationMs: number } };
      return `RESTORE_REPORT Restore Duration: ${ms(record.metrics.durationMs)} ms`;
    }
    case 'platform.start': {
      const record = event.record as { requestId: string; version: string };
      return `START RequestId: ${record.requestId} Version: ${record.version}`;
    }
    case 'platform.extension': {
      const record = event.record as { name: string; state: string; events: string[] };
      return `EXTENSION\tName: ${record.name}\tState: ${record.state}\tEvents: [${record.events.join(', ')}]`;
    }
    case 'platform.telemetrySubscription': {
      const record = event.record as { name: string; state: string; types: string[] };
      return `TELEMETRY\tName: ${record.name}\tState: ${record.state}\tTypes: [${record.types.join(', ')}]`;
    }
    case 'platform.report':
      return reportLine(event.record as ReportRecord);
    default:
      return undefined;
  }
}

/** `END` has no telemetry event of its own: text logging writes it just before `REPORT`. */
export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`;
}

/** The `REPORT` line of text logging, with its tabs, its last tab, and the X-Ray line of a traced invocation. */
export function reportLine(record: ReportRecord): string {
  const { metrics } = record;
  const parts = [
    `REPORT RequestId: ${record.requestId}`,
    `Duration: ${ms(metrics.durationMs)} ms`,
    `Billed Duration: ${metrics.billedDurationMs} ms`,
    `Memory Size: ${metrics.memorySizeMB} MB`,
    `Max Memory Used: ${metrics.maxMemoryUsedMB} MB`,
  ];
  if (metrics.initDurationMs !== undefined) {
    parts.push(`Init Duration: ${ms(metrics.initDurationMs)} ms`);
  }
  if (metrics.restoreDurationMs !== undefined) {
    parts.push(`Restore Duration: ${ms(metrics.restoreDurationMs)} ms`);
  }
  if (metrics.billedRestoreDurationMs !== undefined) {
    parts.push(`Billed Restore Duration: ${metrics.billedRestoreDurationMs} ms`);
  }
  // The text knows no difference between an error of the function and a failure that the platform noticed.
  const status = record.status === 'failure' ? 'error' : record.status;
  if (status !== 'success') parts.push(`Status: ${status}`);
  if (record.errorType !== undefined) parts.push(`Error Type: ${record.errorType}`);
  const line = `${parts.join('\t')}\t`;
  const trace = record.tracing === undefined ? undefined : xrayLine(record.tracing);
  return trace === undefined ? line : `${line}\n${trace}`;
}

function xrayLine(tracing: Tracing): string | undefined {
  const root = /Root=([^;]+)/.exec(tracing.value)?.[1];
  const sampled = tracing.value.includes('Sampled=1');
  if (root === undefined || tracing.spanId === undefined || !sampled) return undefined;
  return `XRAY TraceId: ${root}\tSegmentId: ${tracing.spanId}\tSampled: true\t`;
}

function ms(value: number): string {
  return value.toFixed(2);
}
