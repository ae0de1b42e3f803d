import { expect, test } from 'vitest';
import { inferredEvidence } from './inferred-evidence.ts';
import { sampleSpan } from './trace-samples.test.support.ts';

test.each([
  [{ meta: { queuename: 'orders' } }, undefined],
  [{ source: 'inferred', meta: { queuename: 'orders', apiid: 'x' } }, 'queuename orders'],
  [{ meta: { '_inferred_span.tag_source': 'self', apiid: 'a1b2' } }, 'apiid a1b2'],
  [{ source: 'inferred' }, 'the event’s shape'],
] as const)('inferredEvidence() of %j is %j', (fields, evidence) => {
  expect(inferredEvidence(sampleSpan('1', null, fields))).toBe(evidence);
});
