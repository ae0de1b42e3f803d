import type { SystemReader } from '@spanloom/api';
import { type Clock, nanosToMillis } from '@spanloom/base';
import type { CounterJson, ListenerJson, SystemResponse } from '@spanloom/contract';
import type { Intake } from '@spanloom/intake';
import type { Database, SpanStore, Writer } from '@spanloom/storage';
import type { Registry } from 'prom-client';

/** Where the facts come from. */
export interface SystemParts {
  readonly version: string;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly writer: Writer;
  readonly intake: Intake;
  /** Undefined until it is open. */
  readonly database: () => Database | undefined;
  readonly store: () => SpanStore | undefined;
  readonly listeners: () => readonly ListenerJson[];
}

/** What `/api/system`, `/ready` and `/metrics` say. */
export function systemReader(parts: SystemParts): SystemReader {
  const startedAt = new Date(parts.clock.now()).toISOString();

  function unreadyReasons(): string[] {
    const { attached, problem } = parts.writer.status;
    return [
      ...(parts.database() === undefined ? ['the database is opening'] : []),
      ...(attached ? [] : ['spans of the write-ahead log are being read back']),
      ...(problem === undefined ? [] : [problem]),
    ];
  }

  return {
    unreadyReasons,
    metricsText: () => parts.registry.metrics(),
    async system(signal) {
      const { status } = parts.writer;
      const store = parts.store();
      const database = parts.database();
      const [tables, newest, counters] = await Promise.all([
        store?.tableSizes(signal),
        store?.newestSpan(signal),
        counterList(parts.registry),
      ]);
      const kept = tables?.find(({ table }) => table === 'spans');
      const reasons = unreadyReasons();
      const response: SystemResponse = {
        version: parts.version,
        started_at: startedAt,
        ready: reasons.length === 0,
        reasons,
        engine: database === undefined ? null : { kind: database.kind, version: database.version },
        listeners: parts.listeners(),
        spans: {
          received: status.received,
          written: status.written,
          stored: kept?.rows ?? null,
          newest: newest === undefined ? null : new Date(nanosToMillis(newest)).toISOString(),
        },
        queue: {
          batches: status.batches,
          rows: status.rows,
          bytes: status.bytes,
          max_bytes: status.maxBytes,
          wal_bytes: status.walBytes,
        },
        storage: (tables ?? []).map(({ table, rows, bytes, parts: count, brokenParts }) => ({
          table,
          rows,
          bytes,
          parts: count,
          broken_parts: brokenParts,
        })),
        clients: parts.intake.clients(),
        counters,
      };
      return response;
    },
  };
}

/** Counters and gauges; histograms are for `/metrics`. Those without a sample yet say so by an empty list. */
async function counterList(registry: Registry): Promise<CounterJson[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .filter(({ type }) => String(type) === 'counter' || String(type) === 'gauge')
    .map(({ name, help, values }) => ({
      name,
      help,
      samples: values.map((sample) => ({
        labels: Object.fromEntries(
          Object.entries(sample.labels).map(([label, value]) => [label, String(value)]),
        ),
        value: sample.value,
      })),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
