import type { XRayBackfill, XRayRegionStatus, XRaySweep } from '@spanloom/contract';
import type { XRayBackfillFacts } from '@spanloom/metadata';
import type { RegionCrawler } from './region-crawler.ts';
import type { XRayAccount } from './xray-account.ts';

/** A region as the status page shows it. */
export function regionStatus(crawler: RegionCrawler): XRayRegionStatus {
  const { context, sweeps, facts } = crawler;
  const { id, account, record, budget, operations, awsNow } = context;
  const { checkpoint } = sweeps;
  const usage = budget.region(id.region);
  const isSearch = facts.mode === 'transaction-search';
  const list = isSearch ? operations.FilterLogEvents : operations.GetTraceSummaries;
  const fetch = isSearch ? operations.ListRetrievedTraces : operations.BatchGetTraces;
  const warnings = [...record.warnings];
  if (budget.level === 'slow' || budget.level === 'sample') {
    warnings.push(
      `${Math.round(budget.usedRatio * 100)} % of the month's budget of account ${id.account} is used: polls are rarer` +
        (budget.level === 'sample' ? ' and only a tenth of the traces is asked for' : ''),
    );
  }
  return {
    ...id,
    env: account.env ?? null,
    mode: facts.mode,
    state: stateOf(crawler),
    problem: record.mainProblem ?? null,
    checkpoint: isoOrNull(checkpoint),
    lag_seconds:
      checkpoint === undefined ? null : Math.max(0, Math.round((awsNow() - checkpoint) / 1000)),
    last_success: isoOrNull(facts.lastSuccess),
    next_poll: isoOrNull(crawler.nextPoll),
    counts: { ...record.counts },
    calls: { ...record.calls },
    traces: Object.fromEntries(
      (['new', 'growing', 'stable', 'stalled', 'limit', 'missing'] as const).map((state) => [
        state,
        record.states.get(state) ?? 0,
      ]),
    ),
    rates: { list: round(list.rate), fetch: round(fetch.rate) },
    cost: {
      month: budget.month,
      ...usage,
      estimated_usd: Math.round(budget.regionCostUsd(id.region) * 10_000) / 10_000,
      budget_usd: budget.limitUsd ?? null,
    },
    sweeps: sweepsOf(crawler),
    backfills: crawler.backfills.map(toBackfill),
    permissions: {
      checked_at: isoOrNull(facts.permissionsChecked),
      actions: crawler.permissions.map((fact) => ({ ...fact, message: fact.message ?? null })),
    },
    warnings,
  };
}

/** A region that is configured and not read. */
export function idleStatus(
  account: XRayAccount,
  region: string,
  options: {
    readonly state: 'disabled' | 'starting';
    readonly month: string;
    readonly warnings?: readonly string[];
  },
): XRayRegionStatus {
  return {
    account: account.id,
    region,
    env: account.env ?? null,
    mode: 'unknown',
    state: options.state,
    problem: null,
    checkpoint: null,
    lag_seconds: null,
    last_success: null,
    next_poll: null,
    counts: {
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
    },
    calls: {},
    traces: { new: 0, growing: 0, stable: 0, stalled: 0, limit: 0, missing: 0 },
    rates: { list: 0, fetch: 0 },
    cost: {
      month: options.month,
      scanned: 0,
      retrieved: 0,
      estimated_usd: 0,
      budget_usd: account.monthlyBudgetUsd ?? null,
    },
    sweeps: [],
    backfills: [],
    permissions: { checked_at: null, actions: [] },
    warnings: options.warnings ?? [],
  };
}

/** A backfill as it is shown. */
export function toBackfill(backfill: XRayBackfillFacts): XRayBackfill {
  const { id, from, to, listedDownTo, state, traces, error } = backfill;
  const listed = to === from ? 1 : (to - listedDownTo) / (to - from);
  return {
    id,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    state,
    // What is listed but not all fetched is not done yet.
    progress: state === 'done' ? 1 : Math.min(0.99, Math.round(listed * 1000) / 1000),
    traces,
    error: error ?? null,
  };
}

function stateOf(crawler: RegionCrawler): XRayRegionStatus['state'] {
  const { record, budget } = crawler.context;
  if (record.mainProblem !== undefined) return 'failing';
  if (budget.level === 'stop') return 'over_budget';
  if (crawler.fetcher.waitsForRoom) return 'paused';
  return crawler.started ? 'running' : 'starting';
}

function sweepsOf(crawler: RegionCrawler): readonly XRaySweep[] {
  const { account } = crawler.context;
  const names = (['hot', 'late', 'deep'] as const).filter(
    (name) =>
      name === 'hot' ||
      (name === 'late' ? account.sweeps?.late !== false : account.sweeps?.deep === true),
  );
  const own = names.map((name): XRaySweep => {
    const { checkpoint, lastRun, running } = crawler.sweeps.progress(name);
    return { name, checkpoint: isoOrNull(checkpoint), last_run: isoOrNull(lastRun), running };
  });
  const backfill = crawler.backfills.find(({ state }) => state === 'running');
  if (backfill === undefined) return own;
  const checkpoint = new Date(backfill.listedDownTo).toISOString();
  return [...own, { name: 'backfill', checkpoint, last_run: null, running: true }];
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function round(rate: number): number {
  return Math.round(rate * 100) / 100;
}
