import { expect, test } from 'vitest';
import { findTraceId } from './find-trace-id.ts';

const full = '66f2a1c48f3b0c5e9a7d4b21e6c8f013';

test.each([
  [full, full],
  [`"${full.toUpperCase()}" `, full],
  ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', full],
  [`00-${full}-2b3c4d5e6f708192-01`, full],
  ['1908764426052890643', '1a7d4b21e6c8f013'],
  [
    '2026-11-17T11:42:07Z ERROR dd.trace_id=1908764426052890643 dd.span_id=77 payment failed',
    '1a7d4b21e6c8f013',
  ],
  [`{"level":"error","trace_id":"${full}"}`, full],
  ['X-Amzn-Trace-Id: Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Sampled=1', full],
])('findTraceId(%j)', (text, id) => expect(findTraceId(text)).toBe(id));

test.each(['service:checkout', 'POST /checkout', 'took 1234567890 ms', ''])(
  'findTraceId(%j) finds none',
  (text) => {
    expect(findTraceId(text)).toBeUndefined();
  },
);
