import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import {
  apm,
  drawn,
  INVOCATION,
  metadata,
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
});
