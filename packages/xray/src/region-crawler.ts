import { checkXRayAccess, type AwsClientConfig } from '@spanloom/aws';
import { errorMessage, LimitError } from '@spanloom/base';
import type {
  XRayBackfillFacts,
  XRayPermissionFact,
  XRayReadMode,
  XRayRegionFacts,
} from '@spanloom/metadata';
import { clockWarning } from './aws-clock.ts';
import { Fetcher } from './fetcher.ts';
import { Lister } from './lister.ts';
import { modeWarning } from './mode-warning.ts';
import { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import { isExpectedStop, type SweepName, Sweeps } from './sweeps.ts';

/** Rarer polls, for when the budget is nearly used up. */
const SLOW_FACTOR = 5;
/** What runs in the background looks this often whether it is time. */
const TICK_MS = 1000;
const RETRY_MS = 30_000;
/** A backfill that is asked for begins at once; this is for one that could not. */
const BACKFILL_POLL_MS = 60_000;
/** Segments that came just before a change of their destination are where the change says they are not. */
const MODE_SLACK_MS = 5 * 60_000;

const FETCHING: ReadonlySet<string> = new Set([
  'BatchGetTraces',
  'StartTraceRetrieval',
  'ListRetrievedTraces',
]);

/** How far a pass of `once` is. */
export interface RegionProgress {
  readonly phase: 'listing' | 'fetching';
  /** Everything before has been listed, ms since the epoch. */
  readonly checkpoint: number | undefined;
}

/** Reads one region of one account until it is told to stop. */
export class RegionCrawler {
  readonly context: RegionContext;
  readonly sweeps: Sweeps;
  readonly fetcher: Fetcher;
  readonly #config: AwsClientConfig;
  #facts: XRayRegionFacts = {
    mode: 'unknown',
    modeChecked: undefined,
    permissionsChecked: undefined,
    lastSuccess: undefined,
    overBudget: undefined,
    readSince: undefined,
  };
  #changing = false;
  #permissions: readonly XRayPermissionFact[] = [];
  #backfills: readonly XRayBackfillFacts[] = [];
  #nextPoll: number | undefined;
  #pollNow = Promise.withResolvers<void>();
  #pollWanted = false;
  #backfillNow = Promise.withResolvers<void>();
  #started = false;

  constructor(
    context: Omit<RegionContext, 'awsNow' | 'mode' | 'changingMode'>,
    config: AwsClientConfig,
  ) {
    const { account, calls, pacer } = context;
    calls.demandAccount?.(account.id);
    this.context = {
      ...context,
      awsNow: () => pacer.now() + (calls.clockOffsetMs?.() ?? 0),
      mode: () => this.#facts.mode,
      changingMode: () => this.#changing,
    };
    this.#config = config;
    this.fetcher = new Fetcher(this.context);
    this.sweeps = new Sweeps(this.context, new Lister(this.context, () => this.fetcher.wake()));
  }

  get facts(): XRayRegionFacts {
    return this.#facts;
  }

  get permissions(): readonly XRayPermissionFact[] {
    return this.#permissions;
  }

  get backfills(): readonly XRayBackfillFacts[] {
    return this.#backfills;
  }

  get nextPoll(): number | undefined {
    return this.#nextPoll;
  }

  /** Whether it has been read at least once since the start. */
  get started(): boolean {
    return this.#started;
  }

  /** Reads what earlier runs left. */
  async load(): Promise<void> {
    const { id, metadata, record } = this.context;
    this.#facts = (await metadata.xray.region(id)) ?? this.#facts;
    this.#permissions = await metadata.xray.permissions(id);
    const states = await metadata.xray.countStates(id);
    for (const [state, count] of Object.entries(states)) {
      record.setState(state as keyof typeof states, count);
    }
    await this.reloadBackfills();
    await this.sweeps.load();
  }

  /** Something about the backfills has changed. */
  async reloadBackfills(): Promise<void> {
    this.#backfills = await this.context.metadata.xrayBackfills.list(this.context.id, 20);
    this.#backfillNow.resolve();
  }

  /** Runs until `signal` aborts. What goes wrong is noted and tried again. */
  async run(signal: AbortSignal): Promise<void> {
    const { account } = this.context;
    const loops = [
      this.#loop('listing', () => this.#poll(signal), signal),
      this.#loop('fetching', () => this.fetcher.run(signal), signal),
      this.#loop('permissions', () => this.#permissionsTick(signal), signal),
      this.#loop('backfill', () => this.#backfillTick(signal), signal),
    ];
    if (account.sweeps?.late !== false) {
      loops.push(this.#loop('late sweep', () => this.#sweepTick('late', signal), signal));
    }
    if (account.sweeps?.deep === true) {
      loops.push(this.#loop('deep sweep', () => this.#sweepTick('deep', signal), signal));
    }
    await Promise.all(loops);
  }

  /** Lists everything up to now and fetches what is not too fresh to fetch. @throws What kept it from doing so. */
  async once(signal: AbortSignal, progress: (now: RegionProgress) => void): Promise<void> {
    const { pacer, limits } = this.context;
    this.#demandBudget();
    await this.#checkMode(signal);
    const stop = new AbortController();
    const fetching = this.fetcher
      .run(AbortSignal.any([signal, stop.signal]))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
    try {
      await this.sweeps.hot(signal, (checkpoint) => progress({ phase: 'listing', checkpoint }));
    } finally {
      stop.abort();
      await fetching;
    }
    this.#noteClock();
    await this.#succeeded();
    const before = pacer.now() + limits.settleMs;
    progress({ phase: 'fetching', checkpoint: this.sweeps.checkpoint });
    if (await this.fetcher.drain(() => before, signal)) return;
    this.#demandBudget();
    for (const { name, failure } of Object.values(this.context.operations)) {
      if (failure !== undefined && FETCHING.has(name)) throw new CallFailedError(name, failure);
    }
  }

  #demandBudget(): void {
    const { budget, id } = this.context;
    if (budget.level !== 'stop') return;
    throw new LimitError(
      `Cannot read X-Ray in ${id.region}: the budget of account ${id.account} for ${budget.month}, ${budget.limitUsd} USD, is used up`,
      'monthly_budget_usd',
    );
  }

  /** Makes the next listing begin at once, also if a call is resting. */
  pollNow(): void {
    for (const operation of Object.values(this.context.operations)) operation.wake();
    this.#pollWanted = true;
    this.#pollNow.resolve();
    this.fetcher.wake();
  }

  /** Tries every call that is needed and remembers which are allowed. */
  async check(signal: AbortSignal): Promise<void> {
    const { id, metadata, pacer, account } = this.context;
    const checks = await checkXRayAccess(this.#config, {
      account: account.id,
      signal,
    });
    signal.throwIfAborted();
    this.#permissions = checks.map(({ action, required, purpose, status, failure }) => ({
      action,
      required,
      purpose,
      status,
      message: failure?.message,
    }));
    await metadata.xray.savePermissions(id, this.#permissions);
    await this.#save({ permissionsChecked: pacer.now() });
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { pacer, budget, record } = this.context;
    this.#pollWanted = false;
    if (budget.level === 'stop') {
      if (this.#facts.overBudget === undefined) await this.#save({ overBudget: pacer.now() });
      await this.#waitForPoll(signal);
      return;
    }
    if (this.#facts.overBudget !== undefined) {
      const gap = await this.sweeps.skipToNow();
      if (gap !== undefined) {
        record.warn(
          'budget-gap',
          `Nothing was read from ${iso(gap.from)} to ${iso(gap.to)}, when the month's budget was used up; a backfill reads it`,
        );
      }
      await this.#save({ overBudget: undefined });
    }
    try {
      await this.#checkMode(signal);
      await this.sweeps.hot(signal);
      await this.#succeeded();
    } catch (error) {
      if (!isExpectedStop(error)) throw error;
      this.#begun();
    } finally {
      this.#noteClock();
    }
    await this.#waitForPoll(signal);
  }

  async #waitForPoll(signal: AbortSignal): Promise<void> {
    const { pacer, account, budget, operations } = this.context;
    const slow = budget.level === 'slow' || budget.level === 'sample' ? SLOW_FACTOR : 1;
    const poll = pacer.now() + account.pollSeconds * 1000 * slow;
    // Where the log group is refused, summaries are listed meanwhile.
    this.#nextPoll = Math.max(poll, operations.GetTraceSummaries.restsUntil);
    this.#pollNow = Promise.withResolvers();
    // Asked for while the last one was running, which may have passed by what is wanted.
    if (this.#pollWanted) this.#pollNow.resolve();
    await this.#sleepUntil(this.#nextPoll, this.#pollNow.promise, signal);
  }

  async #sleepUntil(time: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const slept = this.context.pacer
      .sleep(time - this.context.pacer.now(), AbortSignal.any([signal, enough.signal]))
      .catch(() => undefined);
    await Promise.race([slept, woken]);
    enough.abort();
    await slept;
    signal.throwIfAborted();
  }

  /** Looks up, once an hour, where X-Ray puts segments: in a changed account the old way sees next to nothing, and says nothing. */
  async #checkMode(signal: AbortSignal): Promise<void> {
    const { operations, calls, pacer, awsNow, limits, record } = this.context;
    const { mode, modeChecked } = this.#facts;
    const now = pacer.now();
    if (modeChecked !== undefined && now - modeChecked < limits.modeCheckMs && this.#started)
      return;
    try {
      const destination = await operations.GetTraceSegmentDestination.run(
        () => calls.destination(signal),
        signal,
      );
      const found: XRayReadMode = destination.kind === 'logs' ? 'transaction-search' : 'classic';
      this.#changing = !destination.active;
      if (mode !== 'unknown' && mode !== found && modeChecked !== undefined) {
        // Since the last look the other way was used, which may have seen but a part.
        const aheadMs = awsNow() - pacer.now();
        await this.sweeps.rewind(modeChecked + aheadMs - MODE_SLACK_MS);
      }
      record.warn('mode-unknown', undefined);
      record.warn(
        'transaction-search',
        found === 'transaction-search'
          ? 'Transaction Search is on: traces are read from the log group aws/spans and by retrieval; X-Ray itself lists only the part it indexes, 1 % by default'
          : undefined,
      );
      await this.#save({ mode: found, modeChecked: now });
    } catch (error) {
      if (!(error instanceof CallFailedError)) throw error;
      // Reading goes on as it was last found to be, or else the classic way.
      record.warn('mode-unknown', modeWarning(error.failure, mode));
    }
  }

  async #succeeded(): Promise<void> {
    this.#begun();
    const { pacer, awsNow, limits } = this.context;
    await this.#save({
      lastSuccess: pacer.now(),
      readSince: this.#facts.readSince ?? awsNow() - limits.settleMs - limits.firstLookbackMs,
    });
  }

  /** The first sweep is over: what waits behind it may begin. */
  #begun(): void {
    if (this.#started) return;
    this.#started = true;
    this.#backfillNow.resolve();
  }

  #noteClock(): void {
    const { calls, record } = this.context;
    record.warn('clock', clockWarning(calls.clockOffsetMs?.() ?? 0));
  }

  async #permissionsTick(signal: AbortSignal): Promise<void> {
    const { pacer, limits } = this.context;
    const due = (this.#facts.permissionsChecked ?? 0) + limits.permissionCheckMs;
    if (pacer.now() >= due) {
      try {
        await this.check(signal);
      } catch (error) {
        signal.throwIfAborted();
        await this.#save({ permissionsChecked: pacer.now() });
        throw error;
      }
    }
    await pacer.sleep(60 * TICK_MS, signal);
  }

  async #sweepTick(name: Exclude<SweepName, 'hot'>, signal: AbortSignal): Promise<void> {
    const { pacer, limits, budget } = this.context;
    const { level } = budget;
    const slow = level === 'slow' || level === 'sample' ? SLOW_FACTOR : 1;
    const period = (name === 'late' ? limits.latePeriodMs : limits.deepPeriodMs) * slow;
    const { lastRun } = this.sweeps.progress(name);
    const due = this.#started && pacer.now() - (lastRun ?? 0) >= period;
    if (!due || level === 'stop') {
      await pacer.sleep(30 * TICK_MS, signal);
      return;
    }
    try {
      await this.sweeps[name](signal);
    } catch (error) {
      if (!isExpectedStop(error)) throw error;
      await pacer.sleep(RETRY_MS, signal);
    }
  }

  async #backfillTick(signal: AbortSignal): Promise<void> {
    const { metadata, id, pacer, budget, record } = this.context;
    const { xrayBackfills } = metadata;
    this.#backfillNow = Promise.withResolvers();
    const backfill = this.#started ? await xrayBackfills.next(id) : undefined;
    if (backfill === undefined || budget.level === 'stop') {
      await this.#sleepUntil(pacer.now() + BACKFILL_POLL_MS, this.#backfillNow.promise, signal);
      return;
    }
    if (backfill.state === 'queued') await xrayBackfills.setState(backfill.id, 'running');
    const ended = async (): Promise<boolean> => {
      await this.reloadBackfills();
      return (await xrayBackfills.get(backfill.id))?.state !== 'running';
    };
    try {
      await this.sweeps.backfill(backfill, ended, signal);
      // Done means that what was listed has been fetched too.
      while (!(await ended()) && (await metadata.xray.waiting(id, 'backfill', 1)) > 0) {
        await pacer.sleep(TICK_MS, signal);
      }
      await xrayBackfills.setState(backfill.id, 'done');
      await this.reloadBackfills();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CallFailedError && error.failure.kind !== 'invalid_request') {
        await pacer.sleep(RETRY_MS, signal);
        return;
      }
      record.say(`The backfill ${backfill.id} failed: ${errorMessage(error)}`);
      await xrayBackfills.setState(backfill.id, 'failed', errorMessage(error));
      await this.reloadBackfills();
    }
  }

  /** Repeats `step` until `signal` aborts. A step that fails unexpectedly is told and repeated a while later. */
  async #loop(name: string, step: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await step();
      } catch (error) {
        if (signal.aborted) return;
        this.context.record.counts.errors++;
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.context.record.say(`${name} failed and goes on in ${RETRY_MS / 1000} s: ${text}`);
        await this.context.pacer.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  async #save(change: Partial<XRayRegionFacts>): Promise<void> {
    this.#facts = { ...this.#facts, ...change };
    await this.context.metadata.xray.saveRegion(this.context.id, this.#facts);
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
