import type { AwsFailure } from '@spanloom/aws';
import type { XRayCounts, XRayProblem } from '@spanloom/contract';
import type { RegionId, XRayTraceState } from '@spanloom/metadata';
import type { CrawlerMetrics } from './crawler-metrics.ts';
import type { OperationObserver } from './operation.ts';
import type { Pacer } from './pacer.ts';
import { Warnings } from './warnings.ts';

type Counts = { -readonly [Name in keyof XRayCounts]: number };
type Where = { account: string; region: string };

/** The calls without which nothing can be read; the others leave a warning. */
const ESSENTIAL: ReadonlySet<string> = new Set([
  'GetTraceSummaries',
  'BatchGetTraces',
  // Not a call: what takes the traces.
  'store',
]);

/** The calls of Transaction Search: where they are denied, X-Ray's own still have what it indexes. */
const REPLACEABLE: ReadonlySet<string> = new Set([
  'FilterLogEvents',
  'StartTraceRetrieval',
  'ListRetrievedTraces',
]);

/** Warnings of single traces, which nothing takes back. */
const OCCURRENCES: ReadonlySet<string> = new Set([
  'malformed',
  'truncated',
  'undecodable',
  'refused',
]);

/** What has happened in a region since the start: counted for people and for Prometheus at once. */
export class RegionRecord implements OperationObserver {
  readonly counts: Counts = {
    listed: 0,
    scanned: 0,
    fetched: 0,
    written: 0,
    rewritten: 0,
    segments: 0,
    spans: 0,
    throttled: 0,
    errors: 0,
    unprocessed: 0,
    missing: 0,
    limit_exceeded: 0,
    duplicates: 0,
  };
  readonly calls: Record<string, number> = {};
  readonly states: Map<XRayTraceState, number> = new Map();
  readonly metrics: CrawlerMetrics;
  readonly where: Where;
  readonly #pacer: Pacer;
  readonly #report: (message: string) => void;
  readonly #problems = new Map<string, XRayProblem>();
  readonly #warnings = new Warnings();

  constructor(
    { account, region }: RegionId,
    options: { metrics: CrawlerMetrics; pacer: Pacer; report: (message: string) => void },
  ) {
    this.where = { account, region };
    this.metrics = options.metrics;
    this.#pacer = options.pacer;
    this.#report = options.report;
  }

  /** What keeps traces from being read: the oldest such thing. */
  get mainProblem(): XRayProblem | undefined {
    for (const [operation, problem] of this.#problems) {
      // Denied, it is done without; failing otherwise, it holds everything up.
      if (REPLACEABLE.has(operation) && problem.missing_action !== null) continue;
      if (ESSENTIAL.has(operation) || REPLACEABLE.has(operation)) return problem;
    }
    return undefined;
  }

  /** A sentence for each thing a reader should know. */
  get warnings(): readonly string[] {
    return this.#warnings.list(this.#pacer.now());
  }

  called(operation: string): void {
    this.calls[operation] = (this.calls[operation] ?? 0) + 1;
    this.metrics.calls.inc({ ...this.where, operation });
  }

  throttled(operation: string): void {
    this.counts.throttled++;
    this.metrics.throttled.inc({ ...this.where, operation });
  }

  failed(operation: string, failure: AwsFailure): void {
    if (failure.kind !== 'throttled') this.counts.errors++;
    this.metrics.errors.inc({ ...this.where, operation, name: failure.name });
  }

  problem(operation: string, failure: AwsFailure | undefined): void {
    if (failure === undefined) {
      if (this.#problems.delete(operation)) this.say(`${operation} works again`);
      return;
    }
    const known = this.#problems.get(operation);
    this.#problems.set(operation, {
      name: failure.name,
      message: failure.message,
      missing_action: failure.action ?? null,
      fix: failure.fix ?? null,
      since: known?.name === failure.name ? known.since : new Date(this.#pacer.now()).toISOString(),
    });
    if (known?.name === failure.name && known.message === failure.message) return;
    const advice = failure.fix === undefined ? '' : `; ${failure.fix}`;
    this.say(`${operation} fails: ${failure.name}: ${failure.message}${advice}`);
  }

  /**
   * Sets, or with undefined takes back, what a reader should know. What has merely happened is counted instead, and forgotten a day
   * after the last time. Said aloud when it is new.
   */
  warn(topic: string, sentence: string | undefined): void {
    const isNew =
      sentence !== undefined && OCCURRENCES.has(topic)
        ? this.#warnings.happened(topic, sentence, this.#pacer.now())
        : this.#warnings.set(topic, sentence);
    if (isNew && sentence !== undefined) this.say(sentence);
  }

  /** A trace went from one state to another. */
  moved(from: XRayTraceState | undefined, to: XRayTraceState): void {
    if (from === to) return;
    if (from !== undefined) this.#add(from, -1);
    this.#add(to, 1);
  }

  #add(state: XRayTraceState, change: number): void {
    this.setState(state, Math.max(0, (this.states.get(state) ?? 0) + change));
  }

  /** How many traces are in a state, as counted. */
  setState(state: XRayTraceState, count: number): void {
    this.states.set(state, count);
    this.metrics.states.set({ ...this.where, state }, count);
  }

  say(message: string): void {
    this.#report(`X-Ray ${this.where.account} ${this.where.region}: ${message}`);
  }
}
