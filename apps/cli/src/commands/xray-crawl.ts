import { setTimeout as sleep } from 'node:timers/promises';
import type { XRayRegionStatus, XRayStatusResponse } from '@spanloom/contract';
import type { Call } from '../command.ts';
import { countOf } from '../format-values.ts';
import { plainText } from '../plain-text.ts';
import { readXRayStatus } from '../xray-regions.ts';

const POLL_MS = 1_000;
/** A region that was stuck before gets this long to move. */
const STUCK_MS = 10_000;

/** What is said of one sweep of one region. */
interface Sweep {
  readonly account: string;
  readonly region: string;
  readonly state: XRayRegionStatus['state'];
  readonly listed: number;
  readonly fetched: number;
  readonly written: number;
  readonly problem: string | null;
}

/** `spanloom xray crawl`: asks the server for a sweep now, and says what each region's sweeps bring. */
export async function runXRayCrawl(call: Call): Promise<number> {
  const once = call.flag('once');
  try {
    return await followSweeps(call, once);
  } catch (error) {
    // Without `--once` Ctrl-C is how it is meant to end.
    if (!once && call.stop.aborted) return 0;
    throw error;
  }
}

async function followSweeps(call: Call, once: boolean): Promise<number> {
  const before = await readXRayStatus(call);
  await call.server.post('/api/xray/crawl');
  const started = performance.now();
  const seen = new Map(before.regions.map((region) => [keyOf(region), region]));
  const waiting = new Set(
    before.regions.filter(({ state }) => state !== 'disabled').map((region) => keyOf(region)),
  );
  const sweeps: Sweep[] = [];
  for (;;) {
    await sleep(POLL_MS, undefined, { signal: call.stop });
    const status = await call.server.get<XRayStatusResponse>('/api/xray/status');
    for (const region of status.regions) {
      const key = keyOf(region);
      const earlier = seen.get(key) ?? region;
      const swept = !isSweeping(region) && lastRun(region) !== lastRun(earlier);
      const patient = performance.now() - started < STUCK_MS && isStuck(earlier);
      const stuck = waiting.has(key) && isStuck(region) && !patient;
      if (!swept && !stuck) continue;
      // With `--once` a region is of interest until its first sweep is over.
      if (once && !waiting.has(key)) continue;
      waiting.delete(key);
      seen.set(key, region);
      const sweep = compare(earlier, region);
      sweeps.push(sweep);
      if (!call.json || !once) await printSweep(call, sweep);
    }
    if (waiting.size === 0 && once) break;
    if (waiting.size > 0) {
      call.output.progress(
        `Waiting for ${countOf(waiting.size, 'region')}: ${[...waiting].join(', ')}`,
      );
    }
  }
  if (call.json) await call.output.json({ regions: sweeps });
  return sweeps.some(({ problem, state }) => problem !== null || state === 'failing') ? 1 : 0;
}

function keyOf(region: XRayRegionStatus): string {
  return `${region.account} ${region.region}`;
}

function hotSweep(region: XRayRegionStatus): XRayRegionStatus['sweeps'][number] | undefined {
  return region.sweeps.find(({ name }) => name === 'hot');
}

function lastRun(region: XRayRegionStatus): string | null {
  return hotSweep(region)?.last_run ?? null;
}

function isSweeping(region: XRayRegionStatus): boolean {
  return hotSweep(region)?.running ?? false;
}

function isStuck({ state }: XRayRegionStatus): boolean {
  return state === 'failing' || state === 'paused' || state === 'over_budget';
}

function compare(before: XRayRegionStatus, after: XRayRegionStatus): Sweep {
  return {
    account: after.account,
    region: after.region,
    state: after.state,
    listed: after.counts.listed - before.counts.listed,
    fetched: after.counts.fetched - before.counts.fetched,
    written: writtenBy(after) - writtenBy(before),
    problem: after.problem?.message ?? null,
  };
}

function writtenBy({ counts }: XRayRegionStatus): number {
  return counts.written + counts.rewritten;
}

async function printSweep(call: Call, sweep: Sweep): Promise<void> {
  const { output } = call;
  if (call.json) {
    await output.line(JSON.stringify(sweep));
    return;
  }
  const counts = `${countOf(sweep.listed, 'trace')} listed, ${sweep.fetched} fetched, ${sweep.written} written`;
  await output.line(`${sweep.account} ${sweep.region}  ${counts}`);
  if (sweep.problem !== null) {
    await output.line(`  ${output.tone('bad', sweep.state)}: ${plainText(sweep.problem)}`);
  }
}
