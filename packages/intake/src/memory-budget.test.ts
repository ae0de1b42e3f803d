import { OverloadedError } from '@spanloom/base';
import { describe, expect, test } from 'vitest';
import { MemoryBudget } from './memory-budget.ts';

describe('MemoryBudget', () => {
  test('gives up to the last byte, not one more', () => {
    const budget = new MemoryBudget(100);
    const lease = budget.lease();
    expect(lease.tryGrow(60)).toBe(true);
    expect(budget.lease().tryGrow(41)).toBe(false);
    expect(budget.lease().tryGrow(40)).toBe(true);
    lease.release();
    expect(budget.usedBytes).toBe(40);
  });

  test('lets in one body larger than everything when it is alone', () => {
    const budget = new MemoryBudget(100);
    const large = budget.lease();
    expect(large.tryGrow(500)).toBe(true);
    expect(large.tryGrow(1)).toBe(true);
    expect(budget.lease().tryGrow(1)).toBe(false);
    large.release();
    expect(budget.usedBytes).toBe(0);
  });

  test('serves those who wait in their order, and nobody passes them', async () => {
    const budget = new MemoryBudget(100, 10_000);
    const first = budget.lease();
    first.tryGrow(100);
    const order: string[] = [];
    const large = budget.lease();
    const small = budget.lease();
    const waiting = [
      large.grow(80).then(() => order.push('large')),
      small.grow(10).then(() => order.push('small')),
    ];
    expect(budget.waiting).toBe(2);
    expect(budget.lease().tryGrow(1)).toBe(false);
    first.release();
    await Promise.all(waiting);
    expect(order).toEqual(['large', 'small']);
    expect(budget.usedBytes).toBe(90);
  });

  test('refuses after the wait, and lets the next one in that fits', async () => {
    const budget = new MemoryBudget(100, 20);
    const holder = budget.lease();
    holder.tryGrow(50);
    const tooLarge = budget.lease();
    const refused = tooLarge.grow(60);
    const next = budget.lease();
    const admitted = next.grow(50);
    await expect(refused).rejects.toThrow(OverloadedError);
    await admitted;
    expect(budget.usedBytes).toBe(100);
  });

  test('takes back at once what a released lease was waiting for', async () => {
    const budget = new MemoryBudget(100, 10_000);
    const holder = budget.lease();
    holder.tryGrow(100);
    const gone = budget.lease();
    const growing = gone.grow(50);
    gone.release();
    holder.release();
    await growing;
    expect(budget.usedBytes).toBe(0);
  });

  test('holds on until the work is over, also when it fails', async () => {
    const budget = new MemoryBudget(100);
    const lease = budget.lease();
    lease.tryGrow(30);
    const { promise, reject: fail } = Promise.withResolvers<never>();
    lease.holdUntil(promise);
    lease.release();
    expect(budget.usedBytes).toBe(30);
    fail(new Error('disk'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(budget.usedBytes).toBe(0);
    lease.release();
    expect(budget.usedBytes).toBe(0);
  });
});
