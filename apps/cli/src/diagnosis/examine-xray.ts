import type { XRayRegionStatus, XRayStatusResponse } from '@spanloom/contract';
import { formatSeconds } from '../format-values.ts';
import type { Finding } from './finding.ts';

/** A region that is read every minute is rarely further behind. */
const LATE_SECONDS = 300;

/** Looks for trouble in how X-Ray is read. */
export function examineXRay(status: XRayStatusResponse): Finding[] {
  if (!status.enabled) {
    return [{ grade: 'ok', what: 'X-Ray is not read: no AWS account is configured' }];
  }
  return status.regions.flatMap((region) => [
    ...state(region),
    ...permissions(region),
    ...region.warnings.map(
      (what) => ({ grade: 'note', what: `${nameOf(region)}: ${what}` }) as const,
    ),
  ]);
}

function nameOf(region: XRayRegionStatus): string {
  return `X-Ray of ${region.account} ${region.region}`;
}

function state(region: XRayRegionStatus): Finding[] {
  const { problem, lag_seconds: lag, cost } = region;
  const name = nameOf(region);
  switch (region.state) {
    case 'failing':
    case 'paused':
      return [
        {
          grade: region.state === 'failing' ? 'bad' : 'note',
          what: `${name} is ${region.state}${problem === null ? '' : `: ${problem.name}: ${problem.message}`}`,
          advice: problem?.fix ?? 'It is tried again by itself; "spanloom xray status" says more',
        },
      ];
    case 'over_budget':
      return [
        {
          grade: 'note',
          what: `${name} is not read: this month's $${cost.budget_usd ?? 0} are spent`,
          advice: 'Raise xray.monthly_budget_usd, or read less: xray.filter, xray.sampling_rate',
        },
      ];
    case 'disabled':
      return [{ grade: 'ok', what: `${name} is switched off` }];
    case 'starting':
      return [{ grade: 'ok', what: `${name} is starting` }];
    case 'running': {
      const what = `${name} is read, ${lag === null ? 'for the first time' : `${formatSeconds(lag)} behind`}`;
      if (lag === null || lag <= LATE_SECONDS) return [{ grade: 'ok', what }];
      const advice = `${region.counts.throttled} calls were throttled; a filter or a lower sampling rate takes fewer`;
      return [{ grade: 'note', what, advice }];
    }
  }
}

function permissions(region: XRayRegionStatus): Finding[] {
  return region.permissions.actions
    .filter(({ status }) => status === 'denied')
    .map(({ action, required, purpose, message }) => ({
      grade: required ? 'bad' : 'note',
      what: `${nameOf(region)}: ${action} is not allowed (${purpose})`,
      advice: message ?? '"spanloom aws policy" prints what the role needs',
    }));
}
