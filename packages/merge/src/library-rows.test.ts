import type { Span } from '@spanloom/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import { decoded, drawn, MemoryStore, spansOf, xray } from './lambda-world.test.support.ts';
import {
  EVENT_TRACE,
  LIBRARY_ROWS,
  type LibraryRow,
  QUERY,
  rightTree,
  type World,
  worldOf,
} from './library-rows.test.support.ts';

/** Environments of both halves between which merging is right. */
const FITTING = [
  { apm: 'prod', xray: 'prod' },
  { apm: 'Prod', xray: 'prod' },
  { apm: 'prod', xray: '' },
  { apm: '', xray: 'prod' },
  { apm: '', xray: '' },
];

function idsOf({ apmIds, xrayIds }: World): World['apmIds'] {
  return [...apmIds, ...xrayIds];
}

function storeOf(world: World): MemoryStore {
  const store = new MemoryStore();
  store.add(world.apm);
  store.addBatch(decoded(world.documents));
  return store;
}

describe.each(LIBRARY_ROWS)('$library', (row: LibraryRow) => {
  for (const withTrigger of row.inferred ? [false, true] : [false]) {
    for (const env of FITTING) {
      test(`one tree by every id: trigger ${withTrigger}, env ${env.apm || '-'} and ${env.xray || '-'}`, () => {
        const world = worldOf(row, env, withTrigger);
        const store = storeOf(world);
        const trees = idsOf(world).map((id) => store.read(id)!);
        for (const tree of trees) expect(tree).toEqual(trees[0]);
        expect(drawn(trees[0])).toEqual(rightTree(row));
        expect(trees[0]!.problems).toEqual([]);
        expect(trees[0]!.complete).toBe(true);
        expect(trees[0]!.invocations.length).toBe(1);
        // Hidden, never lost.
        expect(trees[0]!.nodes.length).toBe(world.apm.length + xray(world.documents).length);
        expect(trees[0]!.merge.map(({ verdict }) => verdict)).toEqual([
          row.traceId === 'new' || !(row.metadata || row.parent === 'xray')
            ? 'merged_by_request_id'
            : 'merged_by_context',
        ]);
        if (row.event) expect(trees[0]!.traceId).toEqual(EVENT_TRACE);
      });
    }
  }

  test('any order of arrival comes to the same tree', () => {
    const cases = fc.record({
      env: fc.constantFrom(...FITTING, { apm: 'prod', xray: 'staging' }),
      withTrigger: fc.boolean(),
      arrived: fc.constantFrom('both', 'apm', 'xray'),
      seed: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
      upTo: fc.nat(40),
    });
    fc.assert(
      fc.property(cases, ({ env, withTrigger, arrived, seed, upTo }) => {
        const world = worldOf(row, env, withTrigger);
        const spans: Span[] = [
          ...(arrived === 'xray' ? [] : world.apm),
          ...(arrived === 'apm' ? [] : xray(world.documents)),
        ];
        const shuffled = spans
          .map((span, index) => ({ span, at: seed[index % seed.length]! * 31 + index }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ span }) => span);
        for (const traceId of idsOf(world)) {
          const expected = assembleTrace(spans, { traceId });
          expect(assembleTrace(shuffled, { traceId })).toEqual(expected);
          // Seen half way, and with some of it twice: every span is in some place, none twice.
          const partly = [...shuffled.slice(0, upTo), ...shuffled.slice(0, upTo / 2)];
          const trace = assembleTrace(partly, { traceId });
          const ids = trace?.nodes.map(({ span }) => `${span.source}${span.spanId}`) ?? [];
          expect(new Set(ids).size).toBe(ids.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('without X-Ray the tracer’s tree is whole, and without the tracer X-Ray’s', () => {
    const world = worldOf(row, { apm: 'prod', xray: 'prod' }, false);
    const alone = assembleTrace(world.apm, { traceId: world.apmIds[0]! })!;
    expect(alone.nodes.filter(({ hiddenReason }) => hiddenReason !== undefined)).toEqual([]);
    expect(alone.nodes.length).toBe(world.apm.length);
    const lambda = alone.nodes.find(({ span }) => span.name === 'aws.lambda')!;
    expect(alone.nodes.find(({ span }) => span.spanId === QUERY)!.parentId).toBe(
      lambda.span.spanId,
    );
    const other = assembleTrace(xray(world.documents), { traceId: world.xrayIds[0]! })!;
    expect(drawn(other)).toEqual([
      'x:shop-api/prod',
      '  x:Lambda',
      '    x:orders-api',
      '      x:orders-api',
      '        x:Initialization',
      '        x:Invocation',
      '          x:## index.handler',
      '            x:DynamoDB',
      '        x:Overhead',
    ]);
  });

  test('different environments are not merged, each half says so and where the other is', () => {
    const world = worldOf(row, { apm: 'prod', xray: 'staging' }, false);
    const store = storeOf(world);
    const mine = store.read(world.apmIds[0]!)!;
    const theirs = store.read(world.xrayIds[0]!)!;
    expect(mine.nodes.every(({ span }) => span.source === 'datadog')).toBe(true);
    expect(theirs.nodes.every(({ span }) => span.source === 'xray')).toBe(true);
    for (const trace of [mine, theirs]) {
      const problem = trace.problems.find(({ kind }) => kind === 'env_mismatch')!;
      expect(problem.message).toContain('prod');
      expect(problem.message).toContain('staging');
      expect(trace.merge.map(({ verdict }) => verdict)).toEqual(['different_env']);
      const links = trace.nodes.flatMap(({ span }) => span.links);
      expect(
        links.filter(({ attributes }) => attributes['xray.env_mismatch'] === true).length,
      ).toBe(1);
    }
    expect(mine.nodes.length + theirs.nodes.length).toBe(
      world.apm.length + spansOf(decoded(world.documents)).length,
    );
  });
});
