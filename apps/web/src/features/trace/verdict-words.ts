import type { MergeVerdict, MergeVerdictName } from '@spanloom/contract';

/**
 * How a verdict reads. `joined`: the halves are one. `waiting`: they may still become one. `plain`: a choice or a rule at
 * work. `warn`: something keeps them apart that can be mended. `crit`: nothing can be read at all.
 */
export type VerdictTone = 'joined' | 'waiting' | 'plain' | 'warn' | 'crit';

const WORDS: Readonly<Record<MergeVerdictName, readonly [words: string, tone: VerdictTone]>> = {
  merged_by_context: ['merged by context', 'joined'],
  merged_by_request_id: ['merged by request ID', 'joined'],
  xray_pending: ['X-Ray pending', 'waiting'],
  xray_not_sampled: ['not merged: X-Ray not sampled', 'plain'],
  integration_off: ['not merged: integration off', 'plain'],
  xray_absent: ['not merged: nothing in X-Ray', 'plain'],
  different_env: ['not merged: different env', 'warn'],
  different_trace_ids: ['not merged: different trace IDs', 'warn'],
  request_id_absent: ['not merged: request ID absent', 'warn'],
  outside_poll_window: ['not merged: outside poll window', 'warn'],
  apm_absent: ['not merged: no APM spans', 'warn'],
  access_denied: ['not merged: access denied', 'crit'],
};
const TONES: readonly VerdictTone[] = ['joined', 'plain', 'waiting', 'warn', 'crit'];

export function verdictWords(name: MergeVerdictName): string {
  return WORDS[name][0];
}

export function verdictTone(name: MergeVerdictName): VerdictTone {
  return WORDS[name][1];
}

/** The tone that asks for most attention; undefined without verdicts. */
export function worstTone(verdicts: readonly MergeVerdict[]): VerdictTone | undefined {
  let worst = -1;
  for (const { verdict } of verdicts) worst = Math.max(worst, TONES.indexOf(verdictTone(verdict)));
  return TONES[worst];
}

/** `4 merged, 1 pending, 1 not merged` */
export function verdictCounts(verdicts: readonly MergeVerdict[]): string {
  const counts = { merged: 0, pending: 0, 'not merged': 0 };
  for (const { verdict } of verdicts) {
    const tone = verdictTone(verdict);
    counts[tone === 'joined' ? 'merged' : tone === 'waiting' ? 'pending' : 'not merged']++;
  }
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([words, count]) => `${count} ${words}`)
    .join(', ');
}
