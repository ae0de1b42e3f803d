import type { XRayRegionStatus, XRayStatusResponse } from '@spanloom/contract';
import type { Call } from '../command.ts';
import { formatCount, formatSeconds, formatTime } from '../format-values.ts';
import type { Output } from '../output.ts';
import { plainText } from '../plain-text.ts';
import { type Cell, textTable } from '../text-table.ts';
import { NOT_CONFIGURED } from '../xray-regions.ts';

/** `spanloom xray status` */
export async function runXRayStatus(call: Call): Promise<number> {
  const { output } = call;
  const status = await call.server.get<XRayStatusResponse>('/api/xray/status');
  if (call.json) {
    await output.json(status);
    return 0;
  }
  if (!status.enabled) {
    await output.line(NOT_CONFIGURED);
    return 0;
  }
  const headings = [
    'ACCOUNT',
    'REGION',
    'STATE',
    'MODE',
    'LAG',
    'WRITTEN',
    'THROTTLED',
    'ERRORS',
    'COST THIS MONTH',
  ];
  const rows = status.regions.map((region) => rowOf(region));
  for (const line of textTable(headings, rows, output)) await output.line(line);
  for (const region of status.regions) await printDetails(output, region);
  return 0;
}

function rowOf(region: XRayRegionStatus): Cell[] {
  const { counts, cost } = region;
  const budget = cost.budget_usd === null ? '' : ` of ${cost.budget_usd.toFixed(2)}`;
  return [
    region.account,
    region.region,
    { text: region.state.replaceAll('_', ' '), tone: TONES[region.state] },
    region.mode,
    region.lag_seconds === null ? '-' : formatSeconds(region.lag_seconds),
    formatCount(counts.written + counts.rewritten),
    formatCount(counts.throttled),
    formatCount(counts.errors),
    `$${cost.estimated_usd.toFixed(2)}${budget}`,
  ];
}

const TONES = {
  starting: 'dim',
  running: 'good',
  paused: 'warn',
  failing: 'bad',
  over_budget: 'warn',
  disabled: 'dim',
} as const;

async function printDetails(output: Output, region: XRayRegionStatus): Promise<void> {
  const { problem } = region;
  const denied = region.permissions.actions.filter(({ status }) => status === 'denied');
  const running = region.backfills.filter(({ state }) => state === 'running' || state === 'queued');
  if (problem === null && denied.length + running.length + region.warnings.length === 0) return;
  await output.line(`\n${output.tone('strong', `${region.account} ${region.region}`)}`);
  if (problem !== null) {
    await output.line(
      `  ${output.tone('bad', problem.name)} since ${formatTime(problem.since)} UTC`,
    );
    await output.line(`  ${plainText(problem.message)}`);
    if (problem.fix !== null) await output.line(`  To do: ${plainText(problem.fix)}`);
  }
  for (const { action, required, purpose } of denied) {
    const weight = required
      ? output.tone('bad', 'not allowed')
      : output.tone('warn', 'not allowed');
    await output.line(`  ${action} ${weight}: ${purpose}`);
  }
  for (const warning of region.warnings) {
    await output.line(`  ${output.tone('warn', 'Note:')} ${plainText(warning)}`);
  }
  for (const { id, from, to, state, progress } of running) {
    const range = `${formatTime(from).slice(0, 16)} to ${formatTime(to).slice(0, 16)} UTC`;
    await output.line(`  Backfill ${id}, ${range}: ${state}, ${Math.floor(progress * 100)} %`);
  }
}
