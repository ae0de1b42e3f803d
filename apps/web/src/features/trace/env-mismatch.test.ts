import { expect, test } from 'vitest';
import { envMismatch } from './env-mismatch.ts';
import { sampleId, sampleSpan, sampleTrace } from './trace-samples.test.support.ts';

const problem = {
  kind: 'env_mismatch',
  span_id: sampleId('1'),
  count: 1,
  message: 'APM says prod, X-Ray says staging',
} as const;
const other = '66f2a1c48f3b0c5e9a7d4b21e6c8f013';

test('envMismatch() names both environments and leads to the other half', () => {
  const linked = sampleSpan('1', null, {
    links: [
      { trace_id: 'a'.repeat(32), span_id: sampleId('2') },
      { trace_id: other, span_id: sampleId('3'), attributes: { 'xray.env_mismatch': true } },
    ],
  });
  expect(envMismatch(sampleTrace([linked], { problems: [problem] }))).toEqual({
    message: 'APM says prod, X-Ray says staging',
    otherTraceId: other,
  });
  const reason = sampleSpan('1', null, {
    links: [
      { trace_id: other, span_id: sampleId('3'), attributes: { reason: 'xray.env_mismatch' } },
    ],
  });
  expect(envMismatch(sampleTrace([reason], { problems: [problem] }))?.otherTraceId).toBe(other);
});

test('envMismatch() is nothing without the problem, and has no way where none is linked', () => {
  expect(envMismatch(sampleTrace([sampleSpan('1', null)]))).toBeUndefined();
  expect(
    envMismatch(sampleTrace([sampleSpan('1', null)], { problems: [problem] }))?.otherTraceId,
  ).toBeUndefined();
});
