import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import {
  apm,
  type Document,
  INVOCATION,
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

/** Another X-Ray trace that masks to the same id, by default of the same hour. */
function twin(id = '1-66f2a1c5-8f3b0c5e1a7d4b21e6c8f013', laterSeconds = 0): Document[] {
  return xrayRequest().map((document) => {
    const text = JSON.stringify(document)
      .replaceAll('1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', id)
      .replaceAll(/"(id|parent_id)":"(.)/g, '"$1":"f')
      .replaceAll(/1727177(\d\d\d)/g, (_, digits) =>
        String(1727177000 + Number(digits) + laterSeconds),
      )
      .replace('5a7e0b1c-2222', '5a7e0b1c-9999');
    return JSON.parse(text) as Document;
  });
}

/** The trace with a span that names nothing, so many ms later. */
function later(ms: number): AssembledTrace {
  const start = (below().start + BigInt(ms) * 1_000_000n) as Span['start'];
  const span = below({ parentId: undefined, start });
  return assembleTrace([span, ...xray(xrayRequest())], { traceId: DATADOG })!;
}

function work(spanId: bigint, hi: bigint, parentId?: bigint): Span {
  return apm(spanId, 'work', [Number(spanId), 100], { traceId: { hi, lo: T63 }, parentId });
}

describe('ids that agree by chance', () => {
  const other: TraceId = { hi: 0x66f2a1c58f3b0c5en, lo: 0x1a7d4b21e6c8f013n };

  test('of two X-Ray traces, the tracer’s goes to the one with the parent it names', () => {
    const spans = [below(), ...xray(xrayRequest()), ...xray(twin())];
    const mine = assembleTrace(spans, { traceId: DATADOG })!;
    expect(mine.xrayIds).toEqual([XRAY]);
    expect(mine.nodes.find(({ span }) => span.spanId === 0x71n)!.parentId).toBe(INVOCATION);
    expect(mine.problems).toMatchObject([{ kind: 'trace_id_collision', count: 10 }]);
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
    // X-Ray ends at 1190 ms, the span begins at 700.
    expect(worlds(later(900_490))).toEqual(['datadog', 'xray']);
    expect(worlds(later(900_491))).toEqual(['datadog']);
    expect(kinds(later(900_491))).toEqual(['trace_id_collision']);
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
    const spans = [
      work(1n, 0xan),
      work(2n, 0n, 1n),
      work(3n, 0n, 2n),
      work(4n, 0xbn),
      work(5n, 0n, 4n),
      work(6n, 0n),
    ];
    const ids = (hi: bigint): bigint[] =>
      assembleTrace(spans, { traceId: { hi, lo: T63 } })!.nodes.map(({ span }) => span.spanId);
    expect(ids(0xan)).toEqual([1n, 2n, 3n, 6n]);
    expect(ids(0xbn)).toEqual([4n, 5n]);
    expect(kinds(assembleTrace(spans, { traceId: { hi: 0xbn, lo: T63 } }))).toEqual([
      'trace_id_collision',
    ]);
  });
});
