import { type AwsClientConfig, clientConfig, demandSupportedPartition } from '@spanloom/aws';
import { type Clock, errorMessage, NotFoundError } from '@spanloom/base';
import type { XRayBackfill, XRayBackfillRequest, XRayRegionStatus } from '@spanloom/contract';
import type { MetadataStore } from '@spanloom/metadata';
import type { Registry } from 'prom-client';
import { AccountBudget } from './account-budget.ts';
import { newBackfill } from './backfill-request.ts';
import { type CrawlLimits, DEFAULT_LIMITS } from './crawl-limits.ts';
import { CrawlerMetrics } from './crawler-metrics.ts';
import { discoverRegions, discoveryWarning } from './discover-regions.ts';
import { type Pacer, systemPacer } from './pacer.ts';
import { type Accept, createOperations } from './region-context.ts';
import { RegionCrawler } from './region-crawler.ts';
import { RegionRecord } from './region-record.ts';
import { idleStatus, regionStatus, toBackfill } from './region-status.ts';
import { sdkCalls } from './sdk-calls.ts';
import type { WatchedCalls } from './watched-calls.ts';
import type { XRayAccount } from './xray-account.ts';
import type { XRayCalls } from './xray-calls.ts';

/** What a crawler is made of. */
export interface CrawlerOptions {
  readonly accounts: readonly XRayAccount[];
  readonly metadata: MetadataStore;
  /** Stores a record durably before it resolves; throws OverloadedError when there is no room at the moment. */
  readonly accept: Accept;
  readonly clock: Clock;
  readonly registry: Registry;
  /** Told what an operator should read, a line each. */
  readonly report: (message: string) => void;
  /** Other than the defaults, for tests. */
  readonly limits?: Partial<CrawlLimits>;
  /** Other than the machine's time and chance, for tests. */
  readonly pacer?: Pacer;
  /** How a region is reached: its own credentials by default. */
  readonly connect?: (account: XRayAccount, region: string) => AwsClientConfig;
  /** Makes the calls: the AWS SDK by default. */
  readonly calls?: (config: AwsClientConfig) => XRayCalls;
}

/** How far a region has been read, for explaining what is not there. */
export interface RegionCoverage {
  readonly account: string;
  readonly region: string;
  /** Everything before has been listed, ms since the epoch. */
  readonly checkpointMs: number | undefined;
  /** From when on traces have been listed, ms since the epoch. */
  readonly sinceMs: number | undefined;
  /** What keeps it from being read, in a sentence. */
  readonly problem: string | undefined;
  readonly nextPollMs: number | undefined;
}

/** What one pass of `runOnce` came to, for one region. */
export interface OnceResult {
  readonly status: XRayRegionStatus;
  /** Why it ended early, in a sentence. */
  readonly problem: string | undefined;
}

const PRUNE_MS = 3_600_000;
const PRUNE_ROWS = 5000;

/**
 * Reads AWS X-Ray: lists traces in every account and region, fetches those that are new or have grown, and hands each to the store
 * as a whole. What has been read is remembered in the metadata store, so it can be stopped and killed at any point.
 *
 * Each region is read on its own. One that fails shows it in its status and disturbs no other.
 */
export class Crawler implements AsyncDisposable {
  readonly #options: CrawlerOptions;
  readonly #limits: CrawlLimits;
  readonly #pacer: Pacer;
  readonly #metrics: CrawlerMetrics;
  readonly #budgets = new Map<string, AccountBudget>();
  readonly #regions = new Map<string, RegionCrawler>();
  readonly #searching = new Map<string, string>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #loaded: Promise<void> | undefined;

  /** @throws {ConfigError} If an account is in a partition that is not read. No call has been made then. */
  constructor(options: CrawlerOptions) {
    for (const account of options.accounts) demandSupportedPartition(account);
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#pacer = options.pacer ?? systemPacer(options.clock);
    this.#metrics = CrawlerMetrics.of(options.registry);
    for (const account of options.accounts) {
      this.#budgets.set(
        account.id,
        new AccountBudget(account.id, account.monthlyBudgetUsd, () => this.#pacer.now()),
      );
      if (!account.enabled) continue;
      for (const region of account.regions) this.#add(account, region);
    }
  }

  /** Begins to read. @throws If the metadata store cannot be read. */
  async start(): Promise<void> {
    const { signal } = this.#stop;
    await this.#load();
    for (const region of this.#regions.values()) this.#run(region.run(signal));
    for (const account of this.#options.accounts) {
      if (account.enabled && account.regions.length === 0) this.#run(this.#discover(account));
    }
    this.#run(this.#housekeeping());
  }

  /** Stops reading. What was being written is written; nothing else is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('The X-Ray crawler stops'));
    await Promise.allSettled(this.#running);
    for (const { context } of this.#regions.values()) context.calls.close();
  }

  /** Every configured region, and those that were found. */
  status(): readonly XRayRegionStatus[] {
    const rows: XRayRegionStatus[] = [];
    for (const account of this.#options.accounts) {
      const month = this.#budgets.get(account.id)!.month;
      if (!account.enabled) {
        for (const region of account.regions) {
          rows.push(idleStatus(account, region, { state: 'disabled', month }));
        }
        continue;
      }
      const own = this.#regionsOf(account);
      rows.push(...own.map(regionStatus));
      if (own.length > 0) continue;
      const warning = this.#searching.get(account.id);
      rows.push(
        idleStatus(account, '*', {
          state: 'starting',
          month,
          warnings: [warning ?? 'No regions are configured: looking for those that have traces'],
        }),
      );
    }
    return rows;
  }

  /** How far each region has been read. */
  coverage(): readonly RegionCoverage[] {
    return [...this.#regions.values()].map((region) => {
      const { record, id, budget } = region.context;
      const problem = record.mainProblem;
      const overBudget =
        budget.level === 'stop' ? "the month's budget for reading X-Ray is used up" : undefined;
      return {
        ...id,
        checkpointMs: region.sweeps.checkpoint,
        sinceMs: region.facts.readSince,
        problem: problem === undefined ? overBudget : `${problem.name}: ${problem.message}`,
        nextPollMs: region.nextPoll,
      };
    });
  }

  /** Tries every call that reading a region needs. @throws {NotFoundError} If it is not read. */
  async check(account: string, region: string): Promise<XRayRegionStatus> {
    const crawler = this.#region(account, region);
    await this.#load();
    await crawler.check(this.#stop.signal);
    // What was refused may be allowed by now: a check is made after something was changed.
    crawler.pollNow();
    return regionStatus(crawler);
  }

  /** Lists what is new without waiting for the next round. */
  crawlNow(): void {
    for (const region of this.#regions.values()) region.pollNow();
  }

  /**
   * Reads an older range as well, behind everything else.
   * @throws {NotFoundError} If the region is not read.
   * @throws {BadRequestError} If the range cannot be read.
   */
  async backfill(request: XRayBackfillRequest): Promise<XRayBackfill> {
    const crawler = this.#region(request.account, request.region);
    const backfill = newBackfill(request, this.#pacer.now());
    await this.#options.metadata.xrayBackfills.add(backfill);
    await crawler.reloadBackfills();
    return toBackfill(backfill);
  }

  /** @throws {NotFoundError} If there is none. */
  async backfillStatus(id: string): Promise<XRayBackfill> {
    const backfill = await this.#options.metadata.xrayBackfills.get(id);
    if (backfill === undefined) throw new NotFoundError('X-Ray backfill', id);
    return toBackfill(backfill);
  }

  /** Ends a backfill that is not done. What it has listed is still fetched. @throws {NotFoundError} If there is none. */
  async cancelBackfill(id: string): Promise<XRayBackfill> {
    const { xrayBackfills } = this.#options.metadata;
    await xrayBackfills.setState(id, 'cancelled');
    const backfill = await this.backfillStatus(id);
    for (const region of this.#regions.values()) await region.reloadBackfills();
    return backfill;
  }

  /**
   * Lists and fetches everything up to now in every region, then returns. For the command line; not beside `start`.
   * @param progress Told of each step.
   */
  async runOnce(
    signal: AbortSignal,
    progress: (status: XRayRegionStatus) => void = () => undefined,
  ): Promise<readonly OnceResult[]> {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    await this.#load();
    for (const account of this.#options.accounts) {
      if (account.enabled && account.regions.length === 0) await this.#lookForRegions(account);
    }
    const passes = [...this.#regions.values()].map(async (region): Promise<OnceResult> => {
      try {
        await region.once(either, () => progress(regionStatus(region)));
        return { status: regionStatus(region), problem: undefined };
      } catch (error) {
        either.throwIfAborted();
        return { status: regionStatus(region), problem: errorMessage(error) };
      }
    });
    const results = await Promise.all(passes);
    const unread = this.status().filter(({ region }) => region === '*');
    return [
      ...results,
      ...unread.map((status) => ({ status, problem: status.warnings.join('; ') })),
    ];
  }

  #load(): Promise<void> {
    this.#loaded ??= (async () => {
      const { metadata } = this.#options;
      for (const budget of this.#budgets.values()) await budget.load(metadata);
      for (const account of this.#options.accounts) {
        if (!account.enabled || account.regions.length > 0) continue;
        // Found by an earlier run, and perhaps quiet since.
        for (const region of await metadata.xray.knownRegions(account.id))
          this.#add(account, region);
      }
      for (const region of this.#regions.values()) await region.load();
    })();
    return this.#loaded;
  }

  #run(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#options.report(`X-Ray: ${errorMessage(error)}`);
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #region(account: string, region: string): RegionCrawler {
    const crawler = this.#regions.get(keyOf(account, region));
    if (crawler === undefined) throw new NotFoundError('X-Ray region', `${account} ${region}`);
    return crawler;
  }

  #regionsOf(account: XRayAccount): readonly RegionCrawler[] {
    return [...this.#regions.values()].filter(({ context }) => context.account === account);
  }

  #connect(account: XRayAccount, region: string): AwsClientConfig {
    return (this.#options.connect ?? clientConfig)(account, region);
  }

  #add(account: XRayAccount, region: string): RegionCrawler {
    const id = { account: account.id, region };
    const config = this.#connect(account, region);
    const { metadata, accept, report } = this.#options;
    const pacer = this.#pacer;
    const limits = this.#limits;
    const record = new RegionRecord(id, { metrics: this.#metrics, pacer, report });
    const crawler = new RegionCrawler(
      {
        id,
        account,
        calls: (this.#options.calls ?? sdkCalls)(config),
        operations: createOperations({ account, region, limits, pacer, record }),
        metadata,
        record,
        budget: this.#budgets.get(account.id)!,
        limits,
        pacer,
        accept,
        peer: (other) => this.#regions.get(keyOf(other.account, other.region)),
      },
      config,
    );
    this.#regions.set(keyOf(account.id, region), crawler);
    return crawler;
  }

  /** Looks for regions with traces, now and then again. */
  async #discover(account: XRayAccount): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      const found = await this.#lookForRegions(account);
      for (const region of found) this.#run(region.run(signal));
      await this.#pacer.sleep(this.#limits.discoveryMs, signal);
    }
  }

  async #lookForRegions(account: XRayAccount): Promise<readonly RegionCrawler[]> {
    const { metadata, calls, report } = this.#options;
    const budget = this.#budgets.get(account.id)!;
    if (budget.level === 'stop') return [];
    const { active, failure, scanned } = await discoverRegions({
      roleArn: account.roleArn,
      known: new Set(this.#regionsOf(account).map(({ context }) => context.id.region)),
      now: this.#pacer.now(),
      connect: (region) => {
        const made: WatchedCalls = (calls ?? sdkCalls)(this.#connect(account, region));
        made.demandAccount?.(account.id);
        return made;
      },
      signal: this.#stop.signal,
    });
    for (const [region, count] of scanned) {
      budget.add({ region }, count, 0);
      const usage = { month: budget.month, scanned: count, retrieved: 0 };
      await metadata.xray.addUsage({ account: account.id, region }, usage);
    }
    if (failure !== undefined) this.#searching.set(account.id, discoveryWarning(failure));
    else this.#searching.set(account.id, 'No region has had traces in the last six hours');
    const found: RegionCrawler[] = [];
    for (const region of active) {
      const crawler = this.#add(account, region);
      await crawler.load();
      found.push(crawler);
      report(`X-Ray ${account.id} ${region}: has traces and is read from now on`);
    }
    return found;
  }

  /** Forgets what X-Ray has forgotten, and keeps the gauges that follow the time. */
  async #housekeeping(): Promise<void> {
    const { signal } = this.#stop;
    const { metadata } = this.#options;
    let prunedMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const now = this.#pacer.now();
      if (now - prunedMs >= PRUNE_MS) {
        prunedMs = now;
        while ((await metadata.xray.pruneTraces(now - this.#limits.rememberMs, PRUNE_ROWS)) > 0) {
          await this.#pacer.sleep(100, signal);
        }
      }
      for (const { sweeps, context } of this.#regions.values()) {
        const { checkpoint } = sweeps;
        if (checkpoint === undefined) continue;
        const lagMs = Math.max(0, context.awsNow() - checkpoint);
        this.#metrics.lag.set(context.record.where, lagMs / 1000);
      }
      for (const { account, costUsd, usedRatio } of this.#budgets.values()) {
        this.#metrics.cost.set({ account }, costUsd);
        this.#metrics.budgetUsed.set({ account }, usedRatio);
      }
      await this.#pacer.sleep(10_000, signal);
    }
  }
}

function keyOf(account: string, region: string): string {
  return `${account} ${region}`;
}
