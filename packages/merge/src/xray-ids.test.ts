import { joinKey, parseTraceId } from '@spanloom/base';
import { describe, expect, test } from 'vitest';
import { canBeSameTrace, datadogIdOf, parseDecimalTraceId, parseXRayHeader } from './xray-ids.ts';

describe('ids', () => {
  test.each([
    // The top bit of the low half is masked away.
    ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', 1908764426052890643n],
    ['1-5e272390-8c398be037738dc042009320', 3995693151288333088n],
    ['1-5e61292c-cc1229a4dfbeae1043928548', 6899143064054564168n],
    ['1-5ce31dc2-2c779014b90ce44db5e03875', 4110911582297405557n],
    // Java hides its own id, to be taken whole.
    ['1-66f2a1c4-00000000645a8d0f3b2c1a09', 7231247248253524489n],
    ['1-66f2a1c4-00000000f45a8d0f3b2c1a09', 0xf45a8d0f3b2c1a09n],
  ])('the id that Datadog libraries make of %s', (xray, id) => {
    expect(datadogIdOf(parseTraceId(xray))).toBe(id);
    expect(joinKey({ hi: 0n, lo: id })).toBe(joinKey(parseTraceId(xray)));
  });

  test('masking can clear the top bit, never set it', () => {
    const masked = { hi: 0n, lo: 0x1a7d4b21e6c8f013n };
    const top = { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n };
    const low = { hi: 0x66f2a1c48f3b0c5en, lo: 0x1a7d4b21e6c8f013n };
    expect(canBeSameTrace(masked, top)).toBe(true);
    expect(canBeSameTrace(masked, low)).toBe(true);
    expect(canBeSameTrace(top, top)).toBe(true);
    expect(canBeSameTrace({ hi: 0n, lo: top.lo }, low)).toBe(false);
  });

  test('decimal ids of 64 and of 128 bits', () => {
    expect(parseDecimalTraceId('6153737369425722316')).toEqual({
      hi: 0n,
      lo: 6153737369425722316n,
    });
    expect(parseDecimalTraceId('136841072327264725528930523878219496396')).toEqual({
      hi: 0x66f2a1c300000000n,
      lo: 6153737369425722316n,
    });
    expect(parseDecimalTraceId(String((1n << 128n) - 1n))).toEqual({
      hi: 0xffff_ffff_ffff_ffffn,
      lo: 0xffff_ffff_ffff_ffffn,
    });
  });

  test.each(['', '0', '-1', 'None', '0x12', '1.5', String(1n << 128n), '9'.repeat(40)])(
    'a decimal id is not %j',
    (text) => {
      expect(parseDecimalTraceId(text)).toBeUndefined();
    },
  );
});

describe('the trace header', () => {
  const traceId = { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n };
  const parentId = 4417573152322917284n;

  test.each([
    'Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=3d4e5f60718293a4;Sampled=1;Lineage=1:a87bd80c:0',
    'Self=1-66f2a1c4-aaaaaaaaaaaaaaaaaaaaaaaa;Sampled=1;Parent=3d4e5f60718293a4;Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
    ' Root = 1-66F2A1C4-8F3B0C5E9A7D4B21E6C8F013 ; Parent=3D4E5F60718293A4; Sampled=1 ',
    `Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=3d4e5f60718293a4;Sampled=1;x=${'y'.repeat(300)}`,
  ])('is read in any order: %s', (text) => {
    expect(parseXRayHeader(text)).toEqual({ traceId, parentId, sampled: true });
  });

  test.each([
    ['Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', undefined, undefined],
    ['Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Lineage=1:a:0', undefined, undefined],
    [
      'Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=3d4e5f60718293a4;Sampled=?',
      parentId,
      undefined,
    ],
    ['Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=3d4e5f60718293a4;Sampled=0', parentId, false],
    ['Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=0000000000000000;Sampled=1', undefined, true],
  ])('may leave things open: %s', (text, parent, sampled) => {
    expect(parseXRayHeader(text)).toEqual({ traceId, parentId: parent, sampled });
  });

  test.each(['', 'Sampled=1', 'Root=', 'Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f01', 'Root=42'])(
    'without a root it says nothing: %j',
    (text) => {
      expect(parseXRayHeader(text)).toBeUndefined();
    },
  );

  test('worked values: span ids are all 64 bits of the parent', () => {
    const header = parseXRayHeader(
      'Root=1-5e272390-8c398be037738dc042009320;Parent=94ae789b969f1cc5;Sampled=1',
    );
    expect(header!.parentId).toBe(10713633173203262661n);
  });
});
