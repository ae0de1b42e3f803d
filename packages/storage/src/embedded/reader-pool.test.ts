import { OverloadedError } from '@spanloom/base';
import { expect, test } from 'vitest';
import { ReaderPool } from './reader-pool.ts';

test('ReaderPool hands a reader back to who waited longest', async () => {
  const pool = new ReaderPool(['reader'], 2);
  const reader = await pool.take();
  const order: string[] = [];
  const first = pool.take().then(() => order.push('first'));
  const second = pool.take().then(() => order.push('second'));
  expect([pool.busy, pool.waiting]).toEqual([1, 2]);
  pool.giveBack(reader);
  await first;
  pool.giveBack(reader);
  await second;
  expect(order).toEqual(['first', 'second']);
});

test('ReaderPool refuses the first caller beyond those that may wait', async () => {
  const pool = new ReaderPool(['reader'], 1);
  await pool.take();
  const waiting = pool.take();
  await expect(pool.take()).rejects.toThrow(OverloadedError);
  pool.giveBack('reader');
  await expect(waiting).resolves.toBe('reader');
});

test('ReaderPool lets a caller stop waiting and gives its turn to the next', async () => {
  const pool = new ReaderPool(['reader'], 2);
  await pool.take();
  const stop = new AbortController();
  const stopped = pool.take(stop.signal);
  const next = pool.take();
  stop.abort(new Error('enough'));
  await expect(stopped).rejects.toThrow('enough');
  pool.giveBack('reader');
  await expect(next).resolves.toBe('reader');
});

test('ReaderPool refuses everybody who waits when it closes', async () => {
  const pool = new ReaderPool(['reader'], 2);
  await pool.take();
  const waiting = pool.take();
  pool.refuseAll(new Error('closed'));
  await expect(waiting).rejects.toThrow('closed');
});
