import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import {
  apm,
  type Document,
  drawn,
  REQUEST_ID,
  XRAY,
  xray,
  xrayRequest,
} from './lambda-world.test.support.ts';

const OWN: TraceId = { hi: 0n, lo: 0x42n };

/** A run in a trace of its own: the request id is all that it shares with X-Ray's. */
function run(meta: Record<string, string> = {}, fields: Partial<Span> = {}): Span {
  return apm(0x5555n, 'aws.lambda', [621, 1149], {
    traceId: OWN,
    functionName: 'orders-api',
    env: 'prod',
    ...fields,
    meta: { request_id: REQUEST_ID, ...meta },
  });
}

const arn = (account: string, name: string): string =>
  `arn:aws:lambda:eu-west-1:${account}:function:${name}`;

function together(span: Span, documents: readonly Document[] = xrayRequest()): string[] {
  return drawn(assembleTrace([span, ...xray(documents)], { traceId: OWN }));
}

describe('a request id joins', () => {
  test.each([
    ['nothing else stated', run({}, { functionName: '' })],
    ['the function, in other letters', run({}, { functionName: 'Orders-API' })],
    ['its ARN', run({ function_arn: arn('111122223333', 'orders-api') }, { functionName: '' })],
    ['its name with an alias', run({}, { functionName: 'orders-api:live' })],
    ['its account', run({ aws_account: '111122223333' })],
    ['a quarter of an hour between', apart(15 * 60_000)],
  ])('%s', (_, span) => {
    expect(together(span)[0]).toBe('x:shop-api/prod');
    expect(together(span)).toHaveLength(10);
  });
});

/** A run that begins so many milliseconds after X-Ray's ended, 1179.402 ms into the second. */
function apart(ms: number): Span {
  return run(
    {},
    { start: (1_727_177_157_179_402_000n + BigInt(ms) * 1_000_000n) as Span['start'] },
  );
}

describe('a request id alone does not', () => {
  test.each([
    [
      'another function',
      run({}, { functionName: 'victim' }),
      "The tracer's half is of function victim, X-Ray's of orders-api",
    ],
    [
      'another function, by its ARN',
      run({ function_arn: arn('111122223333', 'victim') }, { functionName: '' }),
      "The tracer's half is of function victim, X-Ray's of orders-api",
    ],
    [
      'another account',
      run({ aws_account: '444455556666' }),
      "The tracer's half ran in account 444455556666, X-Ray's in 111122223333",
    ],
    [
      'another account, by the ARN',
      run({ function_arn: arn('444455556666', 'orders-api') }),
      "The tracer's half ran in account 444455556666, X-Ray's in 111122223333",
    ],
    ['another time', apart(15 * 60_000 + 1), 'They are more than 15 minutes apart'],
  ])('%s', (_, span, difference) => {
    const spans = [span, ...xray(xrayRequest())];
    const mine = assembleTrace(spans, { traceId: OWN })!;
    const theirs = assembleTrace(spans, { traceId: XRAY })!;
    expect(drawn(mine)).toEqual(['aws.lambda']);
    expect(drawn(theirs)).not.toContain('aws.lambda');
    expect(new Set(theirs.nodes.map((node) => node.span.env))).toEqual(new Set(['']));
    for (const trace of [mine, theirs]) {
      expect(trace.merge).toMatchObject([
        {
          requestId: REQUEST_ID,
          verdict: 'different_trace_ids',
          evidence: [
            `Request id ${REQUEST_ID} is stated in trace 0000000000000042 by a tracer and in 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013 by X-Ray, which is not enough`,
            difference,
          ],
        },
      ]);
    }
  });

  test('forged runs, however many, do not keep the real one out', () => {
    const forged = Array.from({ length: 300 }, (_, index) => {
      const id = (0xf000 + index).toString(16).padStart(16, '0');
      const text = JSON.stringify(xrayRequest()[1]);
      return JSON.parse(
        text
          .replace(/"id":"[0-9a-f]{16}"/, `"id":"${id}"`)
          .replace(/1-66f2a1c4-[0-9a-f]{24}/, `1-66f2a1c4-${id}00000000`)
          .replace(/"parent_id":"[0-9a-f]{16}",?/, '')
          .replaceAll('orders-api', 'attacker'),
      ) as Document;
    });
    const trace = assembleTrace(
      [...forged.flatMap((one) => xray([one])), run(), ...xray(xrayRequest())],
      {
        traceId: OWN,
      },
    )!;
    expect(trace.merge.map(({ verdict }) => verdict)).toEqual(['merged_by_request_id']);
    expect(trace.xrayIds).toEqual([XRAY]);
  });
});
