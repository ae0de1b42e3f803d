import type { XRayRegionStatus } from '@spanloom/contract';

type DotState = 'ok' | 'warn' | 'error' | 'plain' | 'idle';

/** A region's state in words, and how it looks. */
export interface StateWords {
  readonly words: string;
  readonly dot: DotState;
}

/** Behind by more than this, spans come later than anybody expects of X-Ray. */
const LATE_SECONDS = 300;

const STATES: Readonly<Record<XRayRegionStatus['state'], StateWords>> = {
  starting: { words: 'starting', dot: 'plain' },
  running: { words: 'running', dot: 'ok' },
  paused: { words: 'paused', dot: 'idle' },
  failing: { words: 'failing', dot: 'error' },
  over_budget: { words: 'over budget', dot: 'warn' },
  disabled: { words: 'switched off', dot: 'idle' },
};

export function stateWords(region: XRayRegionStatus): StateWords {
  const state = STATES[region.state];
  const late = (region.lag_seconds ?? 0) > LATE_SECONDS;
  return region.state === 'running' && late ? { words: 'running late', dot: 'warn' } : state;
}

const MODES: Readonly<Record<XRayRegionStatus['mode'], string>> = {
  unknown: 'not known yet',
  classic: 'classic',
  'transaction-search': 'Transaction Search',
};

export function modeWords(mode: XRayRegionStatus['mode']): string {
  return MODES[mode];
}

const ASKING: readonly XRayRegionStatus['state'][] = ['failing', 'over_budget', 'starting'];

/** `123456789012/eu-west-1`, as the address names a region. */
export function regionKey({
  account,
  region,
}: Pick<XRayRegionStatus, 'account' | 'region'>): string {
  return `${account}/${region}`;
}

/** The region to look at: the one asked for, else the first that asks for attention, else the first. */
export function chosenRegion(
  regions: readonly XRayRegionStatus[],
  asked: string | undefined,
): XRayRegionStatus | undefined {
  return (
    regions.find((region) => regionKey(region) === asked) ??
    ASKING.map((state) => regions.find((region) => region.state === state)).find(
      (region) => region !== undefined,
    ) ??
    regions[0]
  );
}

const TRACE_STATES = ['new', 'growing', 'stable', 'stalled', 'limit', 'missing'];

/** Traces by state: the known states in the order they are gone through, then any others. */
export function traceStates(
  traces: XRayRegionStatus['traces'],
): readonly (readonly [state: string, count: number])[] {
  const others = Object.keys(traces).filter((state) => !TRACE_STATES.includes(state));
  return [...TRACE_STATES.filter((state) => state in traces), ...others].map((state) => [
    state,
    traces[state]!,
  ]);
}
