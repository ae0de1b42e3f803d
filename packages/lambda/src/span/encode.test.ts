import { unpack } from 'msgpackr';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLines } from './encode-lines.ts';
import { encodeMsgpack } from './encode-msgpack.ts';
import type { Span } from './span.ts';
import { Trace } from './trace.ts';

const defaults = {
  service: 'orders',
  env: undefined,
  version: undefined,
  tags: [],
  sampleRate: undefined,
};

function spans(fill: (trace: Trace) => void): readonly Span[] {
  let kept: readonly Span[] = [];
  const trace = new Trace(
    defaults,
    { traceId: 2n ** 64n - 1n, traceHigh: '', spanId: 5n, priority: 1 },
    (_, done) => {
      kept = done;
    },
  );
  fill(trace);
  trace.close();
  return kept;
}

function decodedSpan(
  meta: Readonly<Record<string, string>>,
  metric: number,
): Record<string, unknown> {
  const [span] = spans((trace) => {
    const one = trace.start('n', undefined, { startMs: 1_795_214_767_372.915 });
    Object.assign(one.meta, meta);
    one.metrics['m'] = metric;
    one.finish(1_795_214_767_373.915);
  });
  const [[decoded]] = unpack(encodeMsgpack([[span!]])) as [[Record<string, unknown>]];
  return decoded;
}

test('encodeMsgpack() keeps all 64 bits and microseconds', () => {
  expect(decodedSpan({}, 3)).toEqual({
    trace_id: 2n ** 64n - 1n,
    span_id: expect.any(BigInt) as bigint,
    parent_id: 5n,
    name: 'n',
    resource: 'n',
    service: 'orders',
    error: 0,
    start: 1_795_214_767_372_915_000n,
    duration: 1_000_000n,
    meta: {},
    metrics: { m: 3 },
  });
});

test('encodeMsgpack() keeps any text, any number and any count of tags', () => {
  const key = fc.string().filter((one) => !(one in {}));
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.string({ unit: 'binary' })),
      fc.double({ noNaN: true }),
      (meta, metric) => {
        const decoded = decodedSpan(meta, metric);
        expect(JSON.stringify(decoded['meta'])).toBe(JSON.stringify(meta));
        expect((decoded['metrics'] as { m: number }).m === metric).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
  const long = 'é'.repeat(70_000);
  expect((decodedSpan({ long }, 0)['meta'] as { long: string }).long === long).toBe(true);
});

test('encodeLines() breaks a chunk before a line gets longer than one log event', () => {
  const many = spans((trace) => {
    for (let i = 0; i < 60; i++) {
      trace.start(`s${i}`, undefined, { tags: { text: 'x'.repeat(3000) } }).finish();
    }
    trace.start('huge', undefined, { tags: { text: 'x'.repeat(70_000) } }).finish();
  });
  const lines = encodeLines(many).trimEnd().split('\n');
  expect(lines.length).toBe(3);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(65_536);
  const names = lines.flatMap((line) =>
    (JSON.parse(line) as { traces: { name: string }[][] }).traces.flat(),
  );
  expect(names.map((one) => one.name)).toEqual(Array.from({ length: 60 }, (_, i) => `s${i}`));
});
