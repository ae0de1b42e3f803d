import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { Tally } from './tally.ts';

describe('Tally', () => {
  test('shows its sums as a Prometheus counter', async () => {
    const registry = new Registry();
    const tally = new Tally(registry, 'things_total', 'Things', ['color', 'size']);
    tally.add(2, 'red', 'big');
    tally.add(3, 'red', 'big');
    tally.add(1, 'red');
    tally.add(0, 'blue', 'big');
    const expected = [
      '# HELP things_total Things',
      '# TYPE things_total counter',
      'things_total{color="red",size="big"} 5',
      'things_total{color="red",size=""} 1',
      '',
    ].join('\n');
    expect(await registry.metrics()).toBe(expected);
    expect(await registry.metrics()).toBe(expected);
  });

  test('works without labels', async () => {
    const registry = new Registry();
    new Tally(registry, 'plain_total', 'Plain').add(4);
    expect(await registry.metrics()).toContain('plain_total 4');
  });
});
