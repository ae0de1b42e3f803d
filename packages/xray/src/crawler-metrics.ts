import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const WHERE = ['account', 'region'] as const;

/** What the crawler counts, for Prometheus. */
export class CrawlerMetrics {
  readonly calls: Counter<'account' | 'region' | 'operation'>;
  readonly throttled: Counter<'account' | 'region' | 'operation'>;
  readonly errors: Counter<'account' | 'region' | 'operation' | 'name'>;
  readonly listPages: Counter<'account' | 'region' | 'sweep'>;
  readonly listed: Counter<'account' | 'region' | 'sweep'>;
  readonly scanned: Counter<'account' | 'region' | 'sweep'>;
  readonly fetched: Counter<'account' | 'region'>;
  readonly segments: Counter<'account' | 'region'>;
  readonly bytes: Counter<'account' | 'region'>;
  readonly written: Counter<'account' | 'region' | 'kind'>;
  readonly refetches: Counter<'account' | 'region' | 'reason'>;
  readonly unprocessed: Counter<'account' | 'region'>;
  readonly duplicates: Counter<'account' | 'region'>;
  readonly malformed: Counter<'account' | 'region'>;
  readonly truncated: Counter<'account' | 'region'>;
  readonly age: Histogram<'account' | 'region'>;
  readonly lag: Gauge<'account' | 'region'>;
  readonly states: Gauge<'account' | 'region' | 'state'>;
  readonly budgetUsed: Gauge<'account'>;
  readonly cost: Gauge<'account'>;

  private constructor(registry: Registry) {
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, labels: readonly Label[]) =>
      new Counter<'account' | 'region' | Label>({
        name: `spanloom_xray_${name}`,
        help,
        labelNames: [...WHERE, ...labels],
        registers,
      });
    this.calls = counter('calls_total', 'Calls of AWS', ['operation']);
    this.throttled = counter('throttled_total', 'Calls AWS refused as too many', ['operation']);
    this.errors = counter('errors_total', 'Calls of AWS that failed', ['operation', 'name']);
    this.listPages = counter('list_pages_total', 'Pages of listings read', ['sweep']);
    this.listed = counter('list_summaries_total', 'Traces listed, each time counted', ['sweep']);
    this.scanned = counter('list_scanned_total', 'Traces AWS looked at for listings', ['sweep']);
    this.fetched = counter('fetch_traces_total', 'Traces fetched, each time counted', []);
    this.segments = counter('fetch_segments_total', 'Documents fetched', []);
    this.bytes = counter('fetch_bytes_total', 'Characters of the documents fetched', []);
    this.written = counter('written_total', 'Traces handed to the store', ['kind']);
    this.refetches = counter('refetches_total', 'Fetches after the first of a trace', ['reason']);
    this.unprocessed = counter('unprocessed_total', 'Traces asked for and not returned', []);
    this.duplicates = counter(
      'duplicate_source_total',
      'Listed traces that another account or region brings already',
      [],
    );
    this.malformed = counter(
      'malformed_documents_total',
      'Documents that are not JSON objects',
      [],
    );
    this.truncated = counter('truncated_total', 'Documents and subsegments cut as too large', []);
    this.age = new Histogram({
      name: 'spanloom_xray_trace_age_seconds',
      help: 'From the end of a trace until it was first stored',
      labelNames: [...WHERE],
      buckets: [15, 30, 60, 90, 120, 180, 300, 600, 1800, 3600, 21_600],
      registers,
    });
    this.lag = new Gauge({
      name: 'spanloom_xray_lag_seconds',
      help: 'Now minus the time up to which everything has been listed',
      labelNames: [...WHERE],
      registers,
    });
    this.states = new Gauge({
      name: 'spanloom_xray_traces',
      help: 'Remembered traces by state',
      labelNames: [...WHERE, 'state'],
      registers,
    });
    this.budgetUsed = new Gauge({
      name: 'spanloom_xray_budget_used_ratio',
      help: "The month's estimated cost as a part of the budget",
      labelNames: ['account'],
      registers,
    });
    this.cost = new Gauge({
      name: 'spanloom_xray_cost_estimate_usd',
      help: "The month's estimated cost",
      labelNames: ['account'],
      registers,
    });
  }

  /** Those of a registry. It takes each name once, and crawlers may come and go. */
  static of(registry: Registry): CrawlerMetrics {
    let metrics = known.get(registry);
    if (metrics === undefined) {
      metrics = new CrawlerMetrics(registry);
      known.set(registry, metrics);
    }
    return metrics;
  }
}

const known = new WeakMap<Registry, CrawlerMetrics>();
