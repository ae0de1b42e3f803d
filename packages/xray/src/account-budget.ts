import type { MetadataStore, RegionId } from '@spanloom/metadata';
import { monthlyCostUsd, monthOf } from './cost.ts';

/** From here on polls are rarer: most of a listing's cost is what it looks at twice. */
const SLOW_AT = 0.75;
/** From here on only a part is asked for. */
const SAMPLE_AT = 0.9;

/** What the month's budget allows: everything, rarer polls, rarer polls of a part, nothing. */
export type BudgetLevel = 'normal' | 'slow' | 'sample' | 'stop';

/** Counts what reading an account costs in the month, all of its regions together. */
export class AccountBudget {
  readonly account: string;
  readonly limitUsd: number | undefined;
  readonly #now: () => number;
  #month = '';
  #regions = new Map<string, { scanned: number; retrieved: number }>();

  constructor(account: string, limitUsd: number | undefined, now: () => number) {
    this.account = account;
    this.limitUsd = limitUsd;
    this.#now = now;
  }

  /** Reads what this month has cost so far. */
  async load(metadata: MetadataStore): Promise<void> {
    this.#month = monthOf(this.#now());
    const rows = await metadata.xray.usage(this.account, this.#month);
    this.#regions = new Map(
      rows.map(({ region, scanned, retrieved }) => [region, { scanned, retrieved }]),
    );
  }

  get month(): string {
    const month = monthOf(this.#now());
    if (month !== this.#month) {
      this.#month = month;
      this.#regions.clear();
    }
    return month;
  }

  /** Counts what was read. What is stored is written by whoever calls this, together with what it paid for. */
  add({ region }: Pick<RegionId, 'region'>, scanned: number, retrieved: number): void {
    void this.month;
    const sum = this.#regions.get(region) ?? { scanned: 0, retrieved: 0 };
    this.#regions.set(region, {
      scanned: sum.scanned + scanned,
      retrieved: sum.retrieved + retrieved,
    });
  }

  region(region: string): { readonly scanned: number; readonly retrieved: number } {
    void this.month;
    return this.#regions.get(region) ?? { scanned: 0, retrieved: 0 };
  }

  /** Of the whole account. */
  get costUsd(): number {
    void this.month;
    let scanned = 0;
    let retrieved = 0;
    for (const region of this.#regions.values()) {
      scanned += region.scanned;
      retrieved += region.retrieved;
    }
    return monthlyCostUsd({ scanned, retrieved });
  }

  /** A region's part of the account's cost, by what was read of it. */
  regionCostUsd(region: string): number {
    let all = 0;
    for (const { scanned, retrieved } of this.#regions.values()) all += scanned + retrieved;
    const own = this.region(region);
    return all === 0 ? 0 : (this.costUsd * (own.scanned + own.retrieved)) / all;
  }

  /** 1 when the budget is used up; 0 without a budget. */
  get usedRatio(): number {
    return this.limitUsd === undefined ? 0 : this.costUsd / this.limitUsd;
  }

  get level(): BudgetLevel {
    const used = this.usedRatio;
    if (used >= 1) return 'stop';
    if (used >= SAMPLE_AT) return 'sample';
    return used >= SLOW_AT ? 'slow' : 'normal';
  }
}
