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
  MemoryStore,
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

describe('ids that agree by chance', () => {
  /** Another X-Ray trace that masks to the same id, by default of the same hour. */
  function twin(id = '1-66f2a1c5-8f3b0c5e1a7d4b21e6c8f013', laterSeconds = 0): Document[] {
    return xrayRequest().map((document) => {
      const text = JSON.stringify(document)
        .replaceAll('1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', id)
        .replaceAll(/"(id|parent_id)":"(.)/g, '"$1":"f')
        .replaceAll(/1727177(\d\d\d)/g, (_, digits) => String(1727177000 + Number(digits) + laterSeconds))
        .replace('5a7e0b1c-2222', '5a7e0b1c-9999');
      return JSON.parse(text) as Document;
    });
  }
  const other: TraceId = { hi: 0x66f2a1c58f3b0c5en, lo: 0x1a7d4b21e6c8f013n };

  test('of two X-Ray traces, the tracer’s goes to the one with the parent it names', () => {
    const spans = [below(), ...xray(xrayRequest()), ...xray(twin())];
    const mine = assembleTrace(spans, { traceId: DATADOG })!;
    expect(mine.xrayIds).toEqual([XRAY]);
    expect(mine.nodes.find(({ span }) => span.spanId === 0x71n)!.parentId).toBe(INVOCATION);
    expect(mine.problems).toMatchObject([{ kind: 'trace_id_collision', count: 9 + 2 }]);
    expect(assembleTrace(spans, { traceId: XRAY })).toEqual(mine);
    const theirs = assembleTrace(spans, { traceId: other })!;
    expect(worlds(theirs)).toEqual(['xray']);
    expect(theirs.xrayIds).toEqual([other]);
    expect(kinds(theirs)).toEqual(['trace_id_collision']);
  });

  test('with nothing named, to the one whose id was made when it began', () => {
    const late = twin('1-66f4a1c5-8f3b0c5e1a7d4b21e6c8f013', 600);
    const spans = [below({ parentId: undefined }), ...xray(xrayRequest()), ...xray(late)];
    expect(assembleTrace(spans, { traceId: DATADOG })!.xrayIds).toEqual([XRAY]);
  });

  test('and to neither when both fit', () => {
    const spans = [below({ parentId: undefined }), ...xray(xrayRequest()), ...xray(twin())];
    const mine = assembleTrace(spans, { traceId: DATADOG })!;
    expect(worlds(mine)).toEqual(['datadog']);
    expect(kinds(mine)).toEqual(['trace_id_collision']);
  });

  test('one X-Ray trace is joined by its id within a quarter of an hour, not beyond', () => {
    const at = (ms: number): AssembledTrace =>
      assembleTrace(
        [below({ parentId: undefined, start: below().start + BigInt(ms) * 1_000_000n as Span['start'] }), ...xray(xrayRequest())],
        { traceId: DATADOG },
      )!;
    // X-Ray ends at 1190 ms, the span begins at 700.
    expect(worlds(at(900_490))).toEqual(['datadog', 'xray']);
    expect(worlds(at(900_491))).toEqual(['datadog']);
    expect(kinds(at(900_491))).toEqual(['trace_id_collision']);
  });

  test('a parent is believed at any distance', () => {
    const late = below({ start: (below().start + 7_200_000_000_000n) as Span['start'] });
    const trace = assembleTrace([late, ...xray(xrayRequest())], { traceId: DATADOG })!;
    expect(worlds(trace)).toEqual(['datadog', 'xray']);
  });

  test('a tracer’s id with the top bit is no masked X-Ray id without it', () => {
    const top = below({ parentId: undefined, traceId: { hi: 0n, lo: 0x9a7d4b21e6c8f013n } });
    const trace = assembleTrace([top, ...xray(twin())], { traceId: top.traceId })!;
    expect(worlds(trace)).toEqual(['datadog']);
  });

  test('two traces of tracers stay two; spans without a high half go with their relatives', () => {
    const of = (spanId: bigint, hi: bigint, parentId?: bigint): Span =>
      apm(spanId, 'work', [Number(spanId), 100], { traceId: { hi, lo: T63 }, parentId });
    const spans = [of(1n, 0xan), of(2n, 0n, 1n), of(3n, 0n, 2n), of(4n, 0xbn), of(5n, 0n, 4n), of(6n, 0n)];
    const ids = (hi: bigint): bigint[] =>
      assembleTrace(spans, { traceId: { hi, lo: T63 } })!.nodes.map(({ span }) => span.spanId);
    expect(ids(0xan)).toEqual([1n, 2n, 3n, 6n]);
    expect(ids(0xbn)).toEqual([4n, 5n]);
    expect(kinds(assembleTrace(spans, { traceId: { hi: 0xbn, lo: T63 } }))).toEqual([
      'trace_id_collision',
    ]);
  });
});

describe('metadata that disagrees', () => {
  const HOST_A: TraceId = { hi: 0n, lo: 0xa0n };
  const HOST_B: TraceId = { hi: 0n, lo: 0xb0n };
  const id = '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013';

  /** A run of a function with Lambda's record of it. */
  function invocation(letter: string, from: number, parent?: string): Document[] {
    const times = { start_time: 1727177156 + from, end_time: 1727177156.5 + from };
    const common = { trace_id: id, name: `fn-${letter}` };
    return [
      { ...common, ...times, id: `${letter}000000000000001`, origin: 'AWS::Lambda', ...(parent !== undefined && { parent_id: parent }) },
      { ...common, ...times, id: `${letter}000000000000002`, origin: 'AWS::Lambda::Function', parent_id: `${letter}000000000000001` },
    ];
  }

  function note(letter: string, host: TraceId, at: number): Document {
    return metadata(
      { trace: { 'trace-id': String(host.lo), 'parent-id': String(host.lo + 1n) } },
      { id: `${letter}000000000000003`, parent_id: `${letter}000000000000002`, start_time: 1727177156 + at, end_time: 1727177156 + at },
    );
  }

  function host(traceId: TraceId): Span {
    return apm(traceId.lo + 1n, 'http.request', [0, 9000], { traceId, service: `host-${traceId.lo}` });
  }

  function storeOf(...spans: readonly (readonly Span[])[]): MemoryStore {
    const store = new MemoryStore();
    for (const some of spans) store.add(some);
    return store;
  }

  test('entries of one X-Ray trace go their own ways', () => {
    const documents = [
      ...invocation('a', 0.1),
      ...invocation('b', 1.1),
      note('a', HOST_A, 0.2),
      note('b', HOST_B, 1.2),
    ];
    const store = storeOf([host(HOST_A)], [host(HOST_B)], xray(documents));
    expect(drawn(store.read(HOST_A))).toEqual(['http.request', '  x:fn-a', '    x:fn-a']);
    expect(drawn(store.read(HOST_B))).toEqual(['http.request', '  x:fn-b', '    x:fn-b']);
    // The X-Ray id means the earlier one.
    expect(store.read(XRAY)).toEqual(store.read(HOST_A));
  });

  test('below one entry, the earliest speaks for what they share', () => {
    const machine = {
      id: 'c000000000000001',
      name: 'machine',
      trace_id: id,
      origin: 'AWS::StepFunctions::StateMachine',
      start_time: 1727177156,
      end_time: 1727177160,
    };
    const documents = [
      machine,
      ...invocation('a', 0.1, machine.id),
      ...invocation('b', 1.1, machine.id),
      note('a', HOST_A, 0.2),
      note('b', HOST_B, 1.2),
    ];
    const store = storeOf([host(HOST_A)], [host(HOST_B)], xray(documents));
    expect(drawn(store.read(HOST_A))).toEqual([
      'http.request',
      '  x:machine',
      '    x:fn-a',
      '      x:fn-a',
    ]);
    expect(drawn(store.read(HOST_B))).toEqual(['http.request', '  x:fn-b', '    x:fn-b']);
    expect(store.read(XRAY)).toEqual(store.read(HOST_A));
  });

  test('of one function, the first counts', () => {
    const documents = [...invocation('a', 0.1), note('a', HOST_A, 0.2), { ...note('b', HOST_B, 0.3), parent_id: 'a000000000000002' }];
    const store = storeOf([host(HOST_A)], [host(HOST_B)], xray(documents));
    expect(drawn(store.read(HOST_A))).toEqual(['http.request', '  x:fn-a', '    x:fn-a']);
    expect(drawn(store.read(HOST_B))).toEqual(['http.request']);
  });

  test('what no metadata speaks for keeps the X-Ray trace’s own id', () => {
    const documents = [
      ...invocation('a', 0.1),
      ...invocation('b', 1.1),
      ...invocation('d', 2.1),
      note('a', HOST_A, 0.2),
      note('b', HOST_B, 1.2),
    ];
    const store = storeOf([host(HOST_A)], [host(HOST_B)], xray(documents));
    expect(drawn(store.read(XRAY))).toEqual(['x:fn-d', '  x:fn-d']);
  });
});
