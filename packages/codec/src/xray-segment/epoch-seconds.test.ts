import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochNanos } from './epoch-seconds.ts';
import { NumberText } from './xray-json.ts';

test.each([
  ['1.499473411677E9', 1_499_473_411_677_000_000n],
  ['1533928226.6130002', 1_533_928_226_613_000_200n],
  ['1690810362.1215074', 1_690_810_362_121_507_400n],
  ['1.6418256310533319E9', 1_641_825_631_053_331_900n],
  ['1727177156', 1_727_177_156_000_000_000n],
  ['1727177156.000000001', 1_727_177_156_000_000_001n],
  ['1727177156.0000000019', 1_727_177_156_000_000_001n],
  ['17271771562500e-4', 1_727_177_156_250_000_000n],
  ['0', 0n],
  ['1e-10', 0n],
  ['9223372036.854775807', 9_223_372_036_854_775_807n],
])('epochNanos() reads %s exactly', (text, nanos) => {
  expect(epochNanos(new NumberText(text))).toBe(nanos);
  expect(epochNanos(text)).toBe(nanos);
});

test.each(['9223372036.854775808', '-1', '1e99', '1e999999', 'soon', '', 'NaN', '0x10', '.5'])(
  'epochNanos() refuses %s',
  (text) => {
    expect(epochNanos(text)).toBeUndefined();
  },
);

test('epochNanos() refuses what is no number', () => {
  for (const value of [undefined, null, true, [], {}]) expect(epochNanos(value)).toBeUndefined();
});

test('epochNanos() gives back any time written as decimal seconds, plain or with an exponent', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (nanos) => {
      const digits = nanos.toString().padStart(10, '0');
      const seconds = `${digits.slice(0, -9)}.${digits.slice(-9)}`;
      expect(epochNanos(seconds)).toBe(nanos);
      expect(epochNanos(`${digits[0]}.${digits.slice(1)}E${digits.length - 10}`)).toBe(nanos);
    }),
  );
});

test('epochNanos() keeps the order of times whatever their digits', () => {
  const time = fc.tuple(fc.integer({ min: 0, max: 4e9 }), fc.bigInt({ min: 0n, max: 10n ** 12n }));
  fc.assert(
    fc.property(time, time, (one, other) => {
      const isLess = one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
      const [a, b] = [epochNanos(secondsText(one))!, epochNanos(secondsText(other))!];
      if (isLess) expect(a).toBeLessThanOrEqual(b);
      else expect(a).toBeGreaterThanOrEqual(b);
    }),
  );
});

/** Seconds with thirteen decimals. */
function secondsText([whole, part]: [number, bigint]): string {
  return `${whole}.${part.toString().padStart(13, '0')}`;
}
