import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '@spanloom/base';
import type { XRayBackfill, XRayBackfillRequest } from '@spanloom/contract';
import type { Call } from '../command.ts';
import { countOf, formatTime } from '../format-values.ts';
import { plainText } from '../plain-text.ts';
import { UsageError } from '../usage-error.ts';
import { chooseRegion, readXRayStatus } from '../xray-regions.ts';

const POLL_MS = 1_000;
/** Cancelling has this long, although everything else has been stopped. */
const CANCEL_MS = 10_000;

/** `spanloom xray backfill` */
export async function runXRayBackfill(call: Call): Promise<number> {
  const cancel = call.option('cancel');
  const follow = call.option('follow');
  if (cancel !== undefined) {
    return await end(call, await call.server.delete<XRayBackfill>(pathOf(cancel)));
  }
  if (follow !== undefined) {
    // Somebody else began it: to stop looking is not to cancel.
    return await end(call, await watch(call, await call.server.get<XRayBackfill>(pathOf(follow))));
  }
  const begun = await begin(call);
  if (call.flag('detach')) return await end(call, begun);
  call.output.note(`Backfill ${begun.id}: Ctrl-C cancels it`);
  try {
    return await end(call, await watch(call, begun));
  } catch (error) {
    if (call.stop.aborted) await cancelAfterStop(call, begun.id);
    throw error;
  }
}

async function begin(call: Call): Promise<XRayBackfill> {
  const from = call.option('from');
  if (from === undefined) {
    throw new UsageError(
      'Expected --from, such as --from now-3d\nSee spanloom xray backfill --help',
    );
  }
  const { account, region } = chooseRegion(call, (await readXRayStatus(call)).regions);
  const request: XRayBackfillRequest = { account, region, from, to: call.option('to') ?? 'now' };
  return await call.server.post<XRayBackfill>('/api/xray/backfills', request);
}

async function watch(call: Call, begun: XRayBackfill): Promise<XRayBackfill> {
  let now = begun;
  while (now.state === 'queued' || now.state === 'running') {
    const percent = Math.floor(now.progress * 100);
    call.output.progress(
      `Backfill ${now.id}: ${now.state}, ${percent} %, ${countOf(now.traces, 'trace')}`,
    );
    await sleep(POLL_MS, undefined, { signal: call.stop });
    now = await call.server.get<XRayBackfill>(pathOf(now.id));
  }
  return now;
}

async function cancelAfterStop(call: Call, id: string): Promise<void> {
  try {
    await call.server.delete(pathOf(id), AbortSignal.timeout(CANCEL_MS));
    call.output.note(`Cancelled backfill ${id}; what has been read stays`);
  } catch (error) {
    call.output.problem(
      `Cannot cancel backfill ${id}, it goes on: ${errorMessage(error)}. Try spanloom xray backfill --cancel ${id}`,
    );
  }
}

/** Says how it stands, and answers the exit code: only a failure is one. */
async function end(call: Call, backfill: XRayBackfill): Promise<number> {
  const { output } = call;
  const failed = backfill.state === 'failed';
  if (call.json) {
    await output.json(backfill);
    return failed ? 1 : 0;
  }
  const range = `${formatTime(backfill.from).slice(0, 19)} to ${formatTime(backfill.to).slice(0, 19)} UTC`;
  await output.line(
    `Backfill ${backfill.id} (${range}): ${backfill.state}, ${countOf(backfill.traces, 'trace')}`,
  );
  if (backfill.error !== null) output.problem(plainText(backfill.error));
  return failed ? 1 : 0;
}

function pathOf(id: string): string {
  return `/api/xray/backfills/${encodeURIComponent(id)}`;
}
