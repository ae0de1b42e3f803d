import type { XRayControl } from '@spanloom/api';
import { type AwsFeature, cloudFormationTemplate, policyDocument } from '@spanloom/aws';
import { type Clock, NotFoundError } from '@spanloom/base';
import type { XRayRegionStatus } from '@spanloom/contract';
import type { XRayCoverage, XRayRegionCoverage } from '@spanloom/merge';
import type { Crawler, RegionCoverage, XRayAccount } from '@spanloom/xray';
import type { AwsAccountConfig } from './aws-accounts.ts';

const FEATURES: readonly AwsFeature[] = ['xray', 'transaction-search'];

/** What the API shows and steers of the crawler; of none, where no account is configured. */
export function xrayControl(crawler: Crawler | undefined, clock: Clock): XRayControl {
  const running = (what: string, id: string): Crawler => {
    if (crawler === undefined) throw new NotFoundError(what, id);
    return crawler;
  };
  return {
    status: () => ({ enabled: crawler !== undefined, regions: crawler?.status() ?? [] }),
    coverage: () => (crawler === undefined ? undefined : coverageOf(crawler, clock)),
    check: async (account, region) =>
      running('X-Ray region', `${account} ${region}`).check(account, region),
    crawlNow: () => crawler?.crawlNow(),
    backfill: async (request) =>
      running('X-Ray region', `${request.account} ${request.region}`).backfill(request),
    backfillStatus: async (id) => running('X-Ray backfill', id).backfillStatus(id),
    cancelBackfill: async (id) => running('X-Ray backfill', id).cancelBackfill(id),
    policy: (format) =>
      format === 'json'
        ? JSON.stringify(policyDocument({ features: FEATURES }), null, 2)
        : cloudFormationTemplate({ features: FEATURES }),
  };
}

function coverageOf(crawler: Crawler, clock: Clock): XRayCoverage {
  const status = crawler.status();
  const regions = crawler.coverage().map((region): XRayRegionCoverage => {
    const own = status.find(
      (one) => one.account === region.account && one.region === region.region,
    );
    return { ...region, problem: problemOf(region, own) };
  });
  return { now: clock.now(), regions };
}

function problemOf(
  { problem }: RegionCoverage,
  status: XRayRegionStatus | undefined,
): XRayRegionCoverage['problem'] {
  if (problem === undefined) return undefined;
  return status?.problem?.missing_action == null ? 'other' : 'access_denied';
}

/** An account as the crawler takes it. */
export function toXRayAccount(account: AwsAccountConfig): XRayAccount {
  const { roleArn, externalId, env, xray } = account;
  return {
    id: account.id,
    regions: account.regions,
    ...(roleArn !== undefined && { roleArn }),
    ...(externalId !== undefined && { externalId }),
    ...(env !== undefined && { env }),
    enabled: xray.enabled,
    pollSeconds: xray.pollSeconds,
    ...(xray.filter !== undefined && { filterExpression: xray.filter }),
    ...(xray.samplingRate !== undefined && { samplingRate: xray.samplingRate }),
    sweeps: { deep: xray.deepSweep },
    ...(xray.monthlyBudgetUsd !== undefined && { monthlyBudgetUsd: xray.monthlyBudgetUsd }),
  };
}
