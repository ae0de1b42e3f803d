import type { MergeVerdict, MergeVerdictName } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { verdictCounts, verdictTone, verdictWords, worstTone } from './verdict-words.ts';

function verdicts(...names: readonly MergeVerdictName[]): MergeVerdict[] {
  return names.map((verdict) => ({
    request_id: null,
    function: 'checkout',
    verdict,
    evidence: [],
    fix: null,
    apm_span_ids: [],
    xray_span_ids: [],
    conflicts: [],
  }));
}

test.each([
  ['merged_by_context', 'merged by context', 'joined'],
  ['merged_by_request_id', 'merged by request ID', 'joined'],
  ['xray_pending', 'X-Ray pending', 'waiting'],
  ['xray_not_sampled', 'not merged: X-Ray not sampled', 'plain'],
  ['different_env', 'not merged: different env', 'warn'],
  ['access_denied', 'not merged: access denied', 'crit'],
] as const)('a verdict %s reads "%s" in the tone %s', (name, words, tone) => {
  expect([verdictWords(name), verdictTone(name)]).toEqual([words, tone]);
});

test('worstTone() is the tone that asks for most attention', () => {
  expect(worstTone([])).toBeUndefined();
  expect(worstTone(verdicts('merged_by_context', 'xray_not_sampled'))).toBe('plain');
  expect(worstTone(verdicts('different_env', 'xray_pending', 'merged_by_context'))).toBe('warn');
  expect(worstTone(verdicts('different_env', 'access_denied'))).toBe('crit');
});

test('verdictCounts() says how many are merged, pending and neither', () => {
  expect(
    verdictCounts(
      verdicts('merged_by_context', 'apm_absent', 'merged_by_request_id', 'integration_off'),
    ),
  ).toBe('2 merged, 2 not merged');
  expect(verdictCounts(verdicts('xray_pending'))).toBe('1 pending');
});
