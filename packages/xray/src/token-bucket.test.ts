import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualPacer } from './testing/virtual-pacer.ts';
import { TokenBucket } from './token-bucket.ts';

const never = new AbortController().signal;

async function taken(bucket: TokenBucket, pacer: VirtualPacer, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    void bucket.take(never).then(() => times.push(pacer.now()));
  }
  await pacer.until(() => times.length === count, 3_600_000);
  return times;
}

test("TokenBucket lets a second's worth through at once and then keeps its pace", async () => {
  const pacer = new VirtualPacer(0);
  expect(await taken(new TokenBucket(2, pacer), pacer, 6)).toEqual([0, 0, 500, 1000, 1500, 2000]);
});

test('TokenBucket halves its rate when throttled, down to one call in five seconds', async () => {
  const pacer = new VirtualPacer(0);
  const bucket = new TokenBucket(2, pacer);
  const rates: number[] = [];
  for (let time = 0; time < 5; time++) {
    await pacer.pass(100);
    bucket.throttled(pacer.now());
    rates.push(bucket.rate);
  }
  expect(rates).toEqual([1, 0.5, 0.25, 0.2, 0.2]);
});

test('TokenBucket takes calls that were under way together for one reason to slow down', async () => {
  const pacer = new VirtualPacer(0);
  const bucket = new TokenBucket(4, pacer);
  await pacer.pass(1000);
  for (const sent of [990, 995, 999]) bucket.throttled(sent);
  expect(bucket.rate).toBe(2);
  await pacer.pass(100);
  bucket.throttled(1050);
  expect(bucket.rate).toBe(1);
});

test('TokenBucket gains a tenth per ten clean seconds, up to where it began', async () => {
  const pacer = new VirtualPacer(0);
  const bucket = new TokenBucket(2, pacer);
  await pacer.pass(1000);
  bucket.throttled(1000);
  await pacer.pass(9999);
  expect(bucket.rate).toBe(1);
  await pacer.pass(1);
  expect(bucket.rate).toBeCloseTo(1.1);
  await pacer.pass(50_000);
  expect(bucket.rate).toBeCloseTo(1.6);
  await pacer.pass(600_000);
  expect(bucket.rate).toBe(2);
});

test('TokenBucket serves those who wait in order, and one that gives up holds up nobody', async () => {
  const pacer = new VirtualPacer(0);
  const bucket = new TokenBucket(1, pacer);
  const order: string[] = [];
  const stop = new AbortController();
  void bucket.take(never).then(() => order.push('first'));
  void bucket.take(stop.signal).catch(() => order.push('gave up'));
  void bucket.take(never).then(() => order.push('third'));
  await pacer.pass(100);
  stop.abort();
  await pacer.pass(1000);
  expect(order).toEqual(['first', 'gave up', 'third']);
});

test('TokenBucket never lets more through than its rate and one second of rest allow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.2, max: 20, noNaN: true }),
      fc.array(fc.nat(2000), { minLength: 5, maxLength: 40 }),
      async (rate, arrivals) => {
        const pacer = new VirtualPacer(0);
        const bucket = new TokenBucket(rate, pacer);
        const times: number[] = [];
        for (const arrival of arrivals) {
          void pacer
            .sleep(arrival, never)
            .then(() => bucket.take(never))
            .then(() => times.push(pacer.now()));
        }
        await pacer.until(() => times.length === arrivals.length, 3_600_000);
        for (const [index, time] of times.entries()) {
          const allowed = Math.max(1, rate) + (time / 1000) * rate + 1e-6;
          expect(index + 1).toBeLessThanOrEqual(allowed);
        }
      },
    ),
    { numRuns: 30 },
  );
});
