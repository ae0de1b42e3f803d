import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import {
  apm,
  type Document,
  drawn,
  INVOCATION,
  metadata,
  REQUEST_ID,
  T63,
  XRAY,
  xray,
  xrayRequest,
} from './lambda-world.test.support.ts';

const DATADOG: TraceId = { hi: 0n, lo: T63 };

function kinds(trace: AssembledTrace | undefined): string[] {
  return trace!.problems.map(({ kind }) => kind);
}

function worlds(trace: AssembledTrace | undefined): string[] {
  return [...new Set(trace!.nodes.map(({ span }) => span.source))].toSorted();
}

/** A span of the tracer below X-Ray's Invocation, and one that names nothing. */
function below(fields: Partial<Span> = {}): Span {
  return apm(0x71n, 'express.request', [700, 740], {
    parentId: INVOCATION,
    service: 'stock',
    ...fields,
  });
}

describe('environments', () => {
  test('are compared in lower case', () => {
    const trace = assembleTrace([below({ env: 'PROD' }), ...xray(xrayRequest('prod'))], {
      traceId: DATADOG,
    });
    expect(worlds(trace)).toEqual(['datadog', 'xray']);
  });

  test('one that X-Ray does not state is taken over from the tracer, if there is only one', () => {
    const trace = assembleTrace([below({ env: 'prod' }), ...xray(xrayRequest())], {
      traceId: DATADOG,
    })!;
    expect(trace.nodes.every(({ span }) => span.env === 'prod')).toBe(true);
    expect(trace.env).toBe('prod');
  });

  test('and not if two claim it', () => {
    const spans = [
      below({ env: 'prod' }),
      below({ spanId: 0x72n, env: 'staging' }),
      ...xray(xrayRequest()),
    ];
    const mine = assembleTrace(spans, { traceId: DATADOG })!;
    const theirs = assembleTrace(spans, { traceId: XRAY })!;
    expect(worlds(mine)).toEqual(['datadog']);
    expect(worlds(theirs)).toEqual(['xray']);
    expect(theirs.nodes.every(({ span }) => span.env === '')).toBe(true);
    expect(mine.problems.find(({ kind }) => kind === 'env_mismatch')!.message).toBe(
      "The tracer's spans are of environment prod, staging, X-Ray's of none, so they are not shown as one trace; the other half is 66f2a1c48f3b0c5e9a7d4b21e6c8f013",
    );
  });

  test('a trace of two environments joins X-Ray by the span that names it', () => {
    const spans = [
      below({ env: 'prod' }),
      apm(0x73n, 'web.request', [0, 2000], { env: 'staging' }),
      ...xray(xrayRequest()),
    ];
    const trace = assembleTrace(spans, { traceId: DATADOG })!;
    expect(worlds(trace)).toEqual(['datadog', 'xray']);
    expect(trace.nodes.find(({ span }) => span.spanId === INVOCATION)!.span.env).toBe('prod');
  });

  test('metadata is not believed across them', () => {
    const host = apm(9987766529843781873n, 'http.request', [200, 1300], {
      traceId: { hi: 0n, lo: 6153737369425722316n },
      env: 'prod',
    });
    const note = metadata({
      trace: { 'trace-id': '6153737369425722316', 'parent-id': '9987766529843781873' },
    });
    const spans = [host, ...xray([...xrayRequest('staging'), note])];
    const trace = assembleTrace(spans, { traceId: XRAY })!;
    expect(drawn(trace)[0]).toBe('x:shop-api/prod');
    expect(trace.traceId).toEqual(XRAY);
    expect(kinds(trace)).toEqual(['env_mismatch']);
    expect(trace.merge[0]!.verdict).toBe('different_env');
    const link = trace.nodes.flatMap(({ span }) => span.links)[0]!;
    expect(link).toMatchObject({
      traceId: { hi: 0n, lo: 6153737369425722316n },
      spanId: 9987766529843781873n,
      attributes: { 'xray.env_mismatch': true, env: 'prod' },
    });
  });

  test('asking for one leaves spans of others out of a merged trace', () => {
    const spans = [
      below({ env: 'prod' }),
      apm(0x73n, 'web.request', [0, 2000], { env: 'staging' }),
      ...xray(xrayRequest('prod')),
    ];
    const trace = assembleTrace(spans, { traceId: DATADOG, env: 'prod' })!;
    expect(drawn(trace)).not.toContain('web.request');
    expect(worlds(trace)).toEqual(['datadog', 'xray']);
    expect(assembleTrace(spans, { traceId: DATADOG, env: 'dev' })).toBeUndefined();
  });

  test('one that a tracer does not state is taken over from X-Ray', () => {
    const spans = [below(), ...xray(xrayRequest('prod'))];
    for (const traceId of [DATADOG, XRAY]) {
      const trace = assembleTrace(spans, { traceId, env: 'prod' })!;
      expect(worlds(trace)).toEqual(['datadog', 'xray']);
      expect(trace.nodes.every(({ span }) => span.env === 'prod')).toBe(true);
      expect(assembleTrace(spans, { traceId, env: 'staging' })).toBeUndefined();
    }
  });

  test('spans that state none are of the environment of their trace', () => {
    const spans = [below({ env: 'prod' }), below({ spanId: 0x72n })];
    expect(assembleTrace(spans, { traceId: DATADOG, env: 'prod' })!.nodes.length).toBe(2);
    expect(assembleTrace(spans, { traceId: DATADOG, env: 'staging' })).toBeUndefined();
  });

  test('two are not joined by way of what states none', () => {
    // Two X-Ray traces without one, both tied to a trace without one: a chain from prod to staging.
    const [one, two, middle] = [callOf(0x1n, 'prod'), callOf(0x2n, 'staging'), callOf(0x3n, '')];
    const other = '1-66f2a1c4-00112233445566778899aabb';
    const spans = [
      one,
      middle,
      two,
      ...xray([noteTo(0x1n), ...xrayRequest()]),
      ...xray(moved(other, [noteTo(0x2n), ...xrayRequest()])),
      apm(0x81n, 'work', [700, 720], { traceId: middle.traceId, parentId: INVOCATION }),
      apm(0x82n, 'work', [700, 720], { traceId: middle.traceId, parentId: INVOCATION ^ 0xfn }),
    ];
    const prod = assembleTrace(spans, { traceId: one.traceId })!;
    expect([...new Set(prod.nodes.map(({ span }) => span.env))]).toEqual(['prod']);
    const staging = assembleTrace(spans, { traceId: two.traceId })!;
    expect([...new Set(staging.nodes.map(({ span }) => span.env))]).toEqual(['staging']);
  });
});

/** A call of a trace of its own. */
function callOf(id: bigint, env: string, meta: Record<string, string> = {}): Span {
  return apm(id << 8n, 'http.request', [200, 1300], { traceId: { hi: 0n, lo: id }, env, meta });
}

/** What a library tells X-Ray when such a call reaches a function. */
function noteTo(id: bigint): Document {
  return metadata({ trace: { 'trace-id': String(id), 'parent-id': String(id << 8n) } });
}

/** Documents as another trace, with other ids: the last digit of each is turned round. */
function moved(traceId: string, documents: readonly Document[]): Document[] {
  const text = JSON.stringify(documents)
    .replaceAll(/1-66f2a1c4-[0-9a-f]{24}/g, traceId)
    .replaceAll(/"((?:parent_)?id)":"([0-9a-f]{15})([0-9a-f])"/g, (_, key, head, last) => {
      const turned = (Number.parseInt(String(last), 16) ^ 0xf).toString(16);
      return `"${String(key)}":"${String(head)}${turned}"`;
    });
  return JSON.parse(text) as Document[];
}

describe('metadata alone', () => {
  const FUNCTION_ACCOUNT = '111122223333';
  const OTHER_ACCOUNT = '444455556666';

  test.each([
    ['the account is the same', { aws_account: FUNCTION_ACCOUNT }],
    ['the tracer states none', {}],
  ])('takes over an environment where %s', (_, meta) => {
    const spans = [callOf(0x1n, 'prod', meta), ...xray([noteTo(0x1n), ...xrayRequest()])];
    const trace = assembleTrace(spans, { traceId: { hi: 0n, lo: 0x1n } })!;
    expect(worlds(trace)).toEqual(['datadog', 'xray']);
    expect(trace.nodes.every(({ span }) => span.env === 'prod')).toBe(true);
  });

  test.each([
    ['aws_account', OTHER_ACCOUNT],
    ['function_arn', `arn:aws:lambda:eu-west-1:${OTHER_ACCOUNT}:function:victim`],
  ])('does not where the accounts differ (%s)', (name, value) => {
    const victim = callOf(0x1n, 'prod', { [name]: value });
    const spans = [victim, ...xray([noteTo(0x1n), ...xrayRequest()])];
    const mine = assembleTrace(spans, { traceId: victim.traceId })!;
    expect(drawn(mine)).toEqual(['http.request']);
    const theirs = assembleTrace(spans, { traceId: XRAY })!;
    expect(worlds(theirs)).toEqual(['xray']);
    expect(theirs.nodes.every(({ span }) => span.env === '')).toBe(true);
    expect(theirs.merge).toMatchObject([
      {
        verdict: 'different_env',
        evidence: [
          "The tracer's spans are of environment prod and account 444455556666, X-Ray's of environment none and account 111122223333; that X-Ray names the trace is not enough",
        ],
        fix: 'Set DD_ENV, and env of account 111122223333 in the configuration, to the same value',
      },
    ]);
    expect(kinds(mine)).toEqual(['env_mismatch']);
  });

  test('is believed across accounts where both environments are stated', () => {
    const caller = callOf(0x1n, 'prod', { aws_account: OTHER_ACCOUNT });
    const spans = [caller, ...xray([noteTo(0x1n), ...xrayRequest('prod')])];
    expect(worlds(assembleTrace(spans, { traceId: caller.traceId }))).toEqual(['datadog', 'xray']);
  });

  test('counts where the function itself speaks for it', () => {
    const caller = callOf(0x1n, 'prod', { aws_account: OTHER_ACCOUNT });
    const run = apm(0x5555n, 'aws.lambda', [621, 1149], {
      traceId: caller.traceId,
      functionName: 'orders-api',
      env: 'prod',
      meta: { request_id: REQUEST_ID },
    });
    const spans = [caller, run, ...xray([noteTo(0x1n), ...xrayRequest()])];
    expect(worlds(assembleTrace(spans, { traceId: caller.traceId }))).toEqual(['datadog', 'xray']);
  });
});
