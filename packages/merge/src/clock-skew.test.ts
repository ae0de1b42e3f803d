import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import {
  apm,
  INVOCATION,
  metadata,
  STAGE,
  XRAY,
  xray,
  xrayRequest,
} from './lambda-world.test.support.ts';

function skewOf(trace: AssembledTrace, spanId: bigint): number {
  return trace.nodes.find(({ span }) => span.spanId === spanId)!.skew;
}

/** A server below X-Ray's Invocation, which lasts from 612.4 to 1161.2 ms. */
function served(from: number, to: number): AssembledTrace {
  const spans = [
    apm(0x77n, 'express.request', [from, to], {
      parentId: INVOCATION,
      service: 'stock',
      kind: 'server',
    }),
    apm(0x78n, 'redis.get', [from + 1, to - 1], { parentId: 0x77n, service: 'stock' }),
  ];
  return assembleTrace([...spans, ...xray(xrayRequest())], { traceId: XRAY })!;
}

describe('a clock that is off', () => {
  test('a host 3 s behind is drawn where it was called, with all that is below it', () => {
    const trace = served(700 - 3000, 740 - 3000);
    // To the start of what called it: 612.4 − (−2300) ms.
    expect(skewOf(trace, 0x77n)).toBe(2_912_400_000);
    expect(skewOf(trace, 0x78n)).toBe(2_912_400_000);
    expect(trace.nodes.find(({ span }) => span.spanId === 0x77n)!.span.start).toBe(
      1_727_177_153_700_000_000n,
    );
    expect(trace.problems).toEqual([
      {
        kind: 'clock_skew',
        spanId: 0x77n,
        count: 2,
        message: "The clock here seems to be 2912.4 ms behind its caller's; times are as received",
      },
    ]);
    expect(trace.complete).toBe(true);
  });

  test('of a calling host 3 s ahead, X-Ray’s part is drawn within its call', () => {
    const call = apm(9987766529843781873n, 'http.request', [3200, 4300], {
      traceId: { hi: 0n, lo: 6153737369425722316n },
      service: 'web-shop',
      kind: 'client',
    });
    const note = metadata({
      trace: { 'trace-id': '6153737369425722316', 'parent-id': '9987766529843781873' },
    });
    const trace = assembleTrace([call, ...xray([...xrayRequest(), note])], { traceId: XRAY })!;
    expect(skewOf(trace, call.spanId)).toBe(0);
    // Centred: the call lasts 160 ms longer than the stage, which begins 2950 ms before it.
    expect(skewOf(trace, STAGE)).toBe(3_030_000_000);
    expect(new Set(trace.nodes.slice(1).map(({ skew }) => skew))).toEqual(new Set([3_030_000_000]));
  });

  test.each([
    ['in time', 700, 740],
    ['early by less than a twentieth of its caller', 600, 640],
    ['early by more than 5 s', 700 - 6000, 740 - 6000],
    ['too long to fit', 100, 900],
    ['late: it may have waited', 1200, 1240],
  ])('is not seen in what begins %s', (_, from, to) => {
    expect(skewOf(served(from, to), 0x77n)).toBe(0);
  });

  test('is not what lets Lambda begin before the function', () => {
    const trace = assembleTrace(xray(xrayRequest()), { traceId: XRAY })!;
    expect(trace.nodes.every(({ skew }) => skew === 0)).toBe(true);
  });

  test('is seen in a server that ends after a client that waits for it', () => {
    const spans = [
      apm(1n, 'http.request', [0, 100], { service: 'web', kind: 'client' }),
      apm(2n, 'express.request', [80, 160], { parentId: 1n, service: 'stock', kind: 'server' }),
    ];
    const trace = assembleTrace(spans, { traceId: spans[0]!.traceId })!;
    expect(skewOf(trace, 2n)).toBe(-70_000_000);
  });
});
