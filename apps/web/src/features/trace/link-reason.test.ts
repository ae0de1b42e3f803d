import type { SpanLinkJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { linkReason, otherAttributes, pointsToSpan } from './link-reason.ts';

function link(attributes?: SpanLinkJson['attributes'], traceId = 'a1'): SpanLinkJson {
  return {
    trace_id: traceId.padStart(32, '0'),
    span_id: '00000000000000b2',
    ...(attributes !== undefined && { attributes }),
  };
}

test.each([
  [undefined, 'linked'],
  [{ 'xray.link': true }, 'linked by X-Ray'],
  [{ 'xray.link': true, 'messaging.batch.index': 2 }, 'message 3 of the batch'],
  [{ 'xray.env_mismatch': 'prod, staging' }, 'the other half, of another env'],
  [{ reason: 'follows_from' }, 'follows from'],
  [{ 'link.kind': 'span-pointer', 'ptr.dir': 'u' }, 'the object that triggered it'],
  [{ 'link.kind': 'span-pointer', 'ptr.dir': 'd' }, 'the object it wrote'],
] as const)('linkReason() of %j is "%s"', (attributes, words) => {
  expect(linkReason(link(attributes))).toBe(words);
});

test('otherAttributes() leaves out what the reason says', () => {
  expect(otherAttributes(link({ reason: 'retry', attempt: 2 }))).toEqual([['attempt', 2]]);
});

test('pointsToSpan() tells a pointer to an object by its zeros', () => {
  expect(pointsToSpan(link())).toBe(true);
  expect(pointsToSpan(link({}, ''))).toBe(false);
});
