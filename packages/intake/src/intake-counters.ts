import { Gauge, Histogram, type Registry } from 'prom-client';
import type { MemoryBudget } from './memory-budget.ts';
import { Tally } from './tally.ts';

const PREFIX = 'spanloom_receiver_';

/** Languages tracers report, and what each is called here; anything else counts as `other`. */
const LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['go', 'go'],
  ['python', 'python'],
  ['nodejs', 'nodejs'],
  ['javascript', 'nodejs'],
  ['ruby', 'ruby'],
  ['java', 'java'],
  ['jvm', 'java'],
  ['dotnet', 'dotnet'],
  ['.net', 'dotnet'],
  ['php', 'php'],
  ['cpp', 'cpp'],
  ['rust', 'rust'],
  ['erlang', 'erlang'],
  ['swift', 'swift'],
  ['', 'unknown'],
]);

/** Distinct unknown paths that get a sample of their own. Paths are the sender's words, so they need a bound. */
const MAX_UNKNOWN_PATHS = 100;

/** Everything the intake counts, under the names the reference agent uses where it has one. */
export class IntakeCounters {
  readonly tracesReceived: Tally;
  readonly tracesBytes: Tally;
  readonly spansReceived: Tally;
  readonly spansDropped: Tally;
  readonly payloadAccepted: Tally;
  readonly payloadRefused: Tally;
  readonly clientDroppedP0Traces: Tally;
  readonly clientDroppedP0Spans: Tally;
  readonly tracesPriority: Tally;
  readonly tracesDropped: Tally;
  readonly spansMalformed: Tally;
  readonly statsPayload: Tally;
  readonly traceCountMismatch: Tally;
  readonly responses: Tally;
  readonly requestsRefused: Tally;
  readonly inflateRejected: Tally;
  readonly authFailed: Tally;
  readonly otlpRejected: Tally;
  readonly telemetry: Tally;
  readonly acceptedNotStored: Tally;
  readonly acceptedNotStoredBytes: Tally;
  readonly clientGone: Tally;
  readonly badHttp: Tally;
  readonly #unknownPath: Tally;
  readonly #serveMs: Histogram<'route'>;
  readonly #connections = new Map<string, () => number>();

  constructor(registry: Registry, budget: MemoryBudget) {
    const tally = (name: string, help: string, ...labels: string[]): Tally =>
      new Tally(registry, `${PREFIX}${name}_total`, help, labels);
    const sender = ['language', 'endpoint'];
    this.tracesReceived = tally('traces_received', 'Trace chunks acknowledged', ...sender);
    this.tracesBytes = tally('traces_bytes', 'Bytes of trace payloads as they came', ...sender);
    this.spansReceived = tally('spans_received', 'Spans acknowledged', ...sender);
    this.spansDropped = tally(
      'spans_dropped',
      'Spans left out of acknowledged payloads',
      ...sender,
    );
    this.payloadAccepted = tally('payload_accepted', 'Payloads acknowledged', ...sender);
    this.payloadRefused = tally(
      'payload_refused',
      'Payloads refused under load',
      'endpoint',
      'reason',
    );
    this.clientDroppedP0Traces = tally(
      'client_dropped_p0_traces',
      'Unsampled traces that clients kept to themselves',
      'language',
    );
    this.clientDroppedP0Spans = tally(
      'client_dropped_p0_spans',
      'Spans of unsampled traces that clients kept to themselves',
      'language',
    );
    this.tracesPriority = tally('traces_priority', 'Trace chunks by sampling priority', 'priority');
    this.tracesDropped = tally('traces_dropped', 'Trace chunks not stored, by reason', 'reason');
    this.spansMalformed = tally(
      'spans_malformed',
      'Changes made to keep spans within the rules',
      'reason',
    );
    this.statsPayload = tally(
      'stats_payload',
      'Payloads of client-computed statistics',
      'endpoint',
    );
    this.traceCountMismatch = tally(
      'trace_count_mismatch',
      'Payloads whose X-Datadog-Trace-Count differs from their content',
      'endpoint',
    );
    this.responses = tally('responses', 'Answers by route and status', 'route', 'status');
    this.requestsRefused = tally(
      'requests_refused',
      'Requests refused, by route and reason',
      'route',
      'reason',
    );
    this.inflateRejected = tally(
      'inflate_rejected',
      'Compressed bodies refused, by reason',
      'reason',
    );
    this.authFailed = tally('auth_failed', 'Requests without a valid ingest key', 'route');
    this.otlpRejected = tally(
      'otlp_rejected',
      'OTLP records refused, by signal and cause',
      'signal',
      'cause',
    );
    this.telemetry = tally('telemetry', 'Tracer telemetry requests by type', 'request_type');
    this.acceptedNotStored = tally(
      'accepted_not_stored',
      'Requests accepted for the sake of the sender; this version has no store for them',
      'route',
    );
    this.acceptedNotStoredBytes = tally(
      'accepted_not_stored_bytes',
      'Bytes of such requests',
      'route',
    );
    this.clientGone = tally(
      'client_gone',
      'Requests whose connection ended before the body did',
      'route',
    );
    this.badHttp = tally(
      'bad_http',
      'Connections that did not speak proper HTTP',
      'listener',
      'reason',
    );
    this.#unknownPath = tally(
      'unknown_path',
      'Requests to paths this version does not know',
      'path',
    );
    this.#serveMs = new Histogram({
      name: `${PREFIX}serve_ms`,
      help: 'Milliseconds from request headers to answer, by route',
      labelNames: ['route'],
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000],
      registers: [registry],
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const metric: Gauge = new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers: [registry],
        collect: () => metric.set(read()),
      });
    };
    const connections: Gauge<'listener'> = new Gauge({
      name: `${PREFIX}connections`,
      help: 'Open connections by listener',
      labelNames: ['listener'],
      registers: [registry],
      collect: () => {
        connections.reset();
        for (const [listener, read] of this.#connections) connections.set({ listener }, read());
      },
    });
    gauge('bytes_in_flight', 'Bytes of request bodies held in memory', () => budget.usedBytes);
    gauge(
      'queue_fill',
      'Share of the memory for request bodies in use',
      () => budget.usedBytes / budget.capacityBytes,
    );
    gauge('requests_waiting', 'Requests waiting for memory', () => budget.waiting);
  }

  /** A path nobody knows, already printable. */
  unknownPath(path: string): void {
    const known = this.#unknownPath.has(path) || this.#unknownPath.size < MAX_UNKNOWN_PATHS;
    this.#unknownPath.add(1, known ? path : 'other');
  }

  /** A request answered with `status` after `elapsedMs`. */
  answered(route: string, status: number | string, elapsedMs: number): void {
    this.responses.add(1, route, String(status));
    this.#serveMs.labels(route).observe(elapsedMs);
  }

  /** Shows the open connections of a listener until the returned function is called. */
  watchConnections(listener: string, read: () => number): () => void {
    this.#connections.set(listener, read);
    return () => this.#connections.delete(listener);
  }
}

/** A reported language as a label: a small closed set. */
export function languageLabel(reported: string): string {
  return LANGUAGES.get(reported.toLowerCase()) ?? 'other';
}
