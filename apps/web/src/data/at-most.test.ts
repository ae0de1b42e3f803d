import { expect, test } from 'vitest';
import { AtMost } from './at-most.ts';

test('AtMost runs so many at once, in order, and passes over what was given up', async () => {
  const gate = new AtMost(2);
  const started: string[] = [];
  const finish = new Map<string, () => void>();
  const begin = (name: string, signal = new AbortController().signal): Promise<string> =>
    gate.run(async () => {
      started.push(name);
      await new Promise<void>((resolve) => finish.set(name, resolve));
      return name;
    }, signal);
  const givenUp = new AbortController();
  const all = [begin('a'), begin('b')];
  const refused = begin('c', givenUp.signal);
  const last = begin('d');
  expect(started).toEqual(['a', 'b']);
  givenUp.abort(new Error('superseded'));
  finish.get('a')!();
  await expect(refused).rejects.toThrow('superseded');
  await expect.poll(() => started).toEqual(['a', 'b', 'd']);
  finish.get('b')!();
  finish.get('d')!();
  expect(await Promise.all([...all, last])).toEqual(['a', 'b', 'd']);
});
