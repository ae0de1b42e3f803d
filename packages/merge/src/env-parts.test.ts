import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import { apm, type Document, drawn, xray } from './lambda-world.test.support.ts';

const XRAY_TEXT = '1-66f2a1c4-53e21b6cbaf4ae9bdc26e447';
const XRAY: TraceId = { hi: 0x66f2a1c453e21b6cn, lo: 0xbaf4ae9bdc26e447n };
const PROD: TraceId = { hi: 0n, lo: 0x1001n };
const STAGING: TraceId = { hi: 0n, lo: 0x2002n };
const REQUEST = '0dc47c80-0dbe-4f82-936d-a18928ff9cf4';
const CALLER = 0x31n;
const START = 1_727_177_156;

/** A function's two segments; `digit` makes up their ids. */
function lambda(
  name: string,
  digit: string,
  env: string,
  fields: { parent?: string; requestId?: string; trace?: Document },
): Document[] {
  const id = (what: string): string => `${digit}${what}`.padEnd(16, '0');
  const times = { start_time: START + 0.7, end_time: START + 0.9 };
  const note = {
    id: id('d'),
    name: 'datadog-metadata',
    ...times,
    metadata: { datadog: { trace: fields.trace } },
  };
  const invocation = {
    id: id('c'),
    name: 'Invocation',
    ...times,
    ...(fields.trace !== undefined && { subsegments: [note] }),
  };
  return [
    {
      id: id('a'),
      trace_id: XRAY_TEXT,
      name,
      ...times,
      origin: 'AWS::Lambda',
      annotations: { env },
      aws: { request_id: fields.requestId ?? `0dc47c80-0dbe-4f82-936d-00000000000${digit}` },
      ...(fields.parent !== undefined && { parent_id: fields.parent }),
    },
    {
      id: id('b'),
      trace_id: XRAY_TEXT,
      parent_id: id('a'),
      name,
      ...times,
      origin: 'AWS::Lambda::Function',
      annotations: { env },
      subsegments: [invocation],
    },
  ];
}

const first = lambda('caller', '5', 'prod', {
  trace: { 'trace-id': String(PROD.lo), 'parent-id': String(CALLER) },
});
const second = lambda('callee', '6', 'staging', { parent: '5c00000000000000', requestId: REQUEST });

const host = apm(CALLER, 'http.request', [600, 1000], { traceId: PROD, env: 'prod' });
const callee = apm(0x41n, 'aws.lambda', [720, 880], {
  traceId: STAGING,
  functionName: 'callee',
  env: 'staging',
  meta: { request_id: REQUEST },
});

const IN_PROD = ['http.request', '  x:caller', '    x:caller', '      x:Invocation'];
const IN_STAGING = ['x:callee', '  x:callee', '    x:Invocation', '      aws.lambda'];

function read(spans: readonly Span[], traceId: TraceId, env?: string): AssembledTrace | undefined {
  return assembleTrace(spans, { traceId, ...(env !== undefined && { env }) });
}

describe('an X-Ray trace that crosses environments', () => {
  const all = [host, callee, ...xray([...first, ...second])];

  test('does not join two traces of different ones', () => {
    expect(drawn(read(all, PROD))).toEqual(IN_PROD);
    expect(drawn(read(all, STAGING))).toEqual(IN_STAGING);
  });

  test('each half is found by its own ids, and by X-Ray’s in its environment', () => {
    expect(drawn(read(all, XRAY))).toEqual(IN_PROD);
    expect(drawn(read(all, XRAY, 'prod'))).toEqual(IN_PROD);
    expect(drawn(read(all, XRAY, 'staging'))).toEqual(IN_STAGING);
    expect(read(all, XRAY, 'dev')).toBeUndefined();
    expect(read(all, PROD, 'staging')).toBeUndefined();
  });

  test('lists nothing of the other half but a link to it', () => {
    const prod = read(all, XRAY, 'prod')!;
    const staging = read(all, XRAY, 'staging')!;
    expect(prod.merge.map(({ functionName }) => functionName)).toEqual(['caller']);
    expect(staging.merge.map(({ functionName }) => functionName)).toEqual(['callee']);
    expect(prod.datadogIds).not.toContain(STAGING.lo);
    expect(staging.datadogIds).not.toContain(PROD.lo);
    expect([prod.traceId, staging.traceId]).toEqual([PROD, STAGING]);
    expect(prod.problems).toEqual([
      {
        kind: 'env_mismatch',
        spanId: 0x5c00000000000000n,
        count: 3,
        message:
          'Segments of one X-Ray trace are of environments prod and staging, so they are not shown as one trace; the other half is 0000000000002002',
      },
    ]);
    expect(staging.problems.map(({ kind }) => kind)).toEqual(['env_mismatch']);
    const links = staging.nodes.flatMap(({ span }) => span.links);
    expect(links).toMatchObject([
      { traceId: XRAY, spanId: 0x5c00000000000000n, attributes: { env: 'prod' } },
    ]);
  });

  test('the order of arrival changes nothing', () => {
    const reversed = all.toReversed();
    for (const id of [PROD, STAGING, XRAY]) expect(read(reversed, id)).toEqual(read(all, id));
  });

  test('stays whole while nothing pulls it apart', () => {
    const spans = [host, ...xray([...first, ...second])];
    const trace = read(spans, XRAY)!;
    expect(drawn(trace)).toEqual([
      ...IN_PROD,
      '        x:callee',
      '          x:callee',
      '            x:Invocation',
    ]);
    expect(trace.problems).toEqual([]);
    expect(drawn(read(spans, PROD))).toEqual(drawn(trace));
  });

  test('of such a whole, too, only the environment asked for is told of', () => {
    const spans = [host, ...xray([...first, ...second])];
    const prod = read(spans, XRAY, 'prod')!;
    expect(drawn(prod)).toEqual(IN_PROD);
    expect(prod.merge.map(({ functionName }) => functionName)).toEqual(['caller']);
    const staging = read(spans, XRAY, 'staging')!;
    expect(drawn(staging)).toEqual(['x:callee', '  x:callee', '    x:Invocation']);
    expect(staging.merge.map(({ functionName }) => functionName)).toEqual(['callee']);
    expect(staging.datadogIds).not.toContain(PROD.lo);
    expect(staging.problems).toEqual([]);
  });

  test('a tracer that states none is of the one whose span it names', () => {
    const work = apm(0x51n, 'work', [750, 800], {
      traceId: { hi: 0n, lo: XRAY.lo & 0x7fff_ffff_ffff_ffffn },
      parentId: 0x6c00000000000000n,
    });
    const spans = [work, ...xray([...first, ...second])];
    const trace = read(spans, XRAY)!;
    expect(drawn(trace).at(-1)).toBe('            work');
    expect(trace.nodes.find(({ span }) => span.name === 'work')!.span.env).toBe('staging');
    expect(drawn(read(spans, work.traceId, 'staging'))).toContain('      work');
    expect(drawn(read(spans, work.traceId, 'prod'))).not.toContain('work');
  });
});
