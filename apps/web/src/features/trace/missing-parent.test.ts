import type { SpanJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { probableCause } from './missing-parent.ts';
import { sampleSpan, sampleTrace } from './trace-samples.test.support.ts';

const END_MS = 1_700_000_000_090;
const pending = { next_poll: null, until: '2023-11-14T22:19:20Z' };

function cause(more: Partial<SpanJson>, trace = sampleTrace([])): string {
  const orphans = [sampleSpan('a', 'gone'), sampleSpan('b', 'gone', more)];
  return probableCause(trace, orphans, END_MS + 30_000).short;
}

test('probableCause() within half a minute of the end is that spans are still arriving', () => {
  const orphan = [sampleSpan('a', 'gone', { meta: { '_dd.parent_source': 'xray' } })];
  expect(probableCause(sampleTrace([]), orphan, END_MS + 29_999).short).toBe('still arriving');
});

test.each([
  [{ meta: { '_dd.parent_source': 'xray' } }, 'an X-Ray segment that was not recorded or not read'],
  [{ meta: { ingestion_reason: 'rare' } }, 'left out by a sampler'],
  [{ meta: { ingestion_reason: 'rule' } }, 'the caller is not traced here'],
  [{ metrics: { _sampling_priority_v1: -1 } }, 'dropped by the caller’s sampler'],
  [{ metrics: { _sampling_priority_v1: 1 } }, 'the caller is not traced here'],
  [{ meta: { 'function_trigger.event_source': 'api-gateway' } }, 'a gateway that exports no span'],
  [{ meta: { 'function_trigger.event_source': 'sqs' } }, 'the caller is not traced here'],
] as const)('probableCause() of %j is "%s"', (more, expected) => {
  expect(cause(more)).toBe(expected);
});

test('probableCause() awaits X-Ray as long as it may come', () => {
  expect(
    cause({ meta: { '_dd.parent_source': 'xray' } }, sampleTrace([], { xray_pending: pending })),
  ).toBe('an X-Ray segment still to come');
});
