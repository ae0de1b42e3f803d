import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import {
  apm,
  type Document,
  drawn,
  MemoryStore,
  metadata,
  XRAY,
  xray,
} from './lambda-world.test.support.ts';

const HOST_A: TraceId = { hi: 0n, lo: 0xa0n };
const HOST_B: TraceId = { hi: 0n, lo: 0xb0n };
const XRAY_ID = '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013';

/** A run of a function with Lambda's record of it. */
function invocation(letter: string, from: number, parent?: string): Document[] {
  const times = { start_time: 1727177156 + from, end_time: 1727177156.5 + from };
  const common = { trace_id: XRAY_ID, name: `fn-${letter}` };
  return [
    {
      ...common,
      ...times,
      id: `${letter}000000000000001`,
      origin: 'AWS::Lambda',
      ...(parent !== undefined && { parent_id: parent }),
    },
    {
      ...common,
      ...times,
      id: `${letter}000000000000002`,
      origin: 'AWS::Lambda::Function',
      parent_id: `${letter}000000000000001`,
    },
  ];
}

function note(letter: string, caller: TraceId, at: number): Document {
  return metadata(
    { trace: { 'trace-id': String(caller.lo), 'parent-id': String(caller.lo + 1n) } },
    {
      id: `${letter}000000000000003`,
      parent_id: `${letter}000000000000002`,
      start_time: 1727177156 + at,
      end_time: 1727177156 + at,
    },
  );
}

function host(traceId: TraceId): Span {
  return apm(traceId.lo + 1n, 'http.request', [0, 9000], {
    traceId,
    service: `host-${traceId.lo}`,
  });
}

function storeOf(...spans: readonly (readonly Span[])[]): MemoryStore {
  const store = new MemoryStore();
  for (const some of spans) store.add(some);
  return store;
}

describe('metadata that disagrees', () => {
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
      trace_id: XRAY_ID,
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
    const documents = [
      ...invocation('a', 0.1),
      note('a', HOST_A, 0.2),
      { ...note('b', HOST_B, 0.3), parent_id: 'a000000000000002' },
    ];
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
