import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lambdaInvocation } from '../scenes/index.ts';
import { RegionState } from './region-state.ts';

const noon = 1_727_177_156_000;

test('adjoining windows show every update once, whatever their borders and the moment of looking', () => {
  fc.assert(
    fc.property(
      // Update times of up to 20 traces, in ms after noon, and the borders between windows.
      fc.array(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 4 }), { maxLength: 20 }),
      fc.array(fc.nat(100_000), { maxLength: 5 }),
      fc.nat(120_000),
      (traces, inner, lookedAt) => {
        let now = noon;
        const region = new RegionState('111122223333', 'eu-west-1', {
          now: () => now,
          eventTime: 'update',
          traceLimitBytes: 500_000,
        });
        const expected = new Set<string>();
        for (const [index, updates] of traces.entries()) {
          const scene = lambdaInvocation({ at: noon, seed: `${index}` });
          for (const update of updates) {
            region.put(scene.documents, { visibleAt: noon + update });
            if (update <= lookedAt) expected.add(scene.traceId);
          }
        }
        now = noon + lookedAt;
        const borders = [0, ...inner, 100_001].toSorted((a, b) => a - b).map((one) => noon + one);
        const found = borders
          .slice(1)
          .flatMap((to, index) => region.matching('Event', borders[index]!, to));
        expect(new Set(found.map((one) => one.trace.id))).toEqual(expected);
        for (const [index, to] of borders.slice(1).entries()) {
          const window = region.matching('Event', borders[index]!, to);
          expect(new Set(window.map((one) => one.trace)).size).toBe(window.length);
          const times = window.map((one) => one.matchedAt);
          expect(times).toEqual(times.toSorted((a, b) => b - a));
          for (const time of times) {
            expect(time).toBeGreaterThanOrEqual(borders[index]!);
            expect(time).toBeLessThan(to);
          }
        }
      },
    ),
  );
});
