import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Output } from './output.ts';
import { traceOf, traceSpan } from './testing/samples.ts';
import { branchesOf, traceTree } from './trace-tree.ts';

function draw(
  ...[trace, options = { hidden: false }, columns = 100]: [
    Parameters<typeof traceTree>[0],
    { hidden: boolean }?,
    number?,
  ]
): string[] {
  const out = Object.assign(new PassThrough(), { columns });
  return [...traceTree(trace, new Output(out, out, {}), options)];
}

test('branchesOf() draws lines to siblings that follow', () => {
  expect(branchesOf([0, 1, 2, 2, 1, 2, 0, 1])).toEqual([
    '',
    '├─ ',
    '│  ├─ ',
    '│  └─ ',
    '└─ ',
    '   └─ ',
    '',
    '└─ ',
  ]);
});

test('branchesOf() bridges levels that are not there', () => {
  expect(branchesOf([0, 3, 1])).toEqual(['', '│     └─ ', '└─ ']);
});

const merged = traceOf([
  traceSpan(),
  traceSpan({
    depth: 1,
    source: 'xray',
    service: 'checkout',
    name: 'aws.lambda',
    resource: 'checkout',
    start_ns: '1727177156656000000',
    duration_ns: 203_000_000,
    error: 1,
  }),
  traceSpan({
    depth: 2,
    source: 'inferred',
    service: 'checkout',
    name: 'Invocation',
    resource: 'Invocation',
    duration_ns: 950,
    hidden: true,
    hidden_reason: 'shown by the tracer',
  }),
  traceSpan({ depth: 1, source: 'otlp', service: 'mail', resource: '', unfinished: true }),
]);

test('traceTree() draws a line for each span that is not hidden', () => {
  expect(draw(merged)).toEqual([
    'apm  orders-api web.request POST /orders                                          812 ms',
    'xry  ├─ checkout aws.lambda checkout                                              203 ms  error',
    'otl  └─ mail web.request                                                          812 ms  unfinished',
  ]);
});

test('traceTree() shows hidden spans with their reason when asked to', () => {
  expect(draw(merged, { hidden: true })[2]).toBe(
    'inf  │  └─ checkout Invocation                                                    950 ns  hidden: shown by the tracer',
  );
});

test('traceTree() draws when each span ran where there is room', () => {
  expect(draw(merged, { hidden: false }, 120).slice(0, 2)).toEqual([
    'apm  orders-api web.request POST /orders                                    812 ms  ████████████████████████',
    'xry  ├─ checkout aws.lambda checkout                                        203 ms              ██████        error',
  ]);
});

test("traceTree() lets no span's text steer the terminal", () => {
  const [line] = draw(traceOf([traceSpan({ resource: 'a\u001b[2Jb\nc\u202ed' })]));
  expect(line).toContain('a·[2Jb c·d');
});
