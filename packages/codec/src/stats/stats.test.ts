import { expect, test } from 'vitest';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';
import {
  decodeDDSketch,
  sketchAccuracy,
  sketchPoints,
  sketchQuantile,
  sketchValue,
} from './dd-sketch.ts';
import { decodeAgentStats, decodeClientStats } from './decode-client-stats.ts';
import {
  agentStatsBody,
  clientStatsBody,
  LIBDATADOG,
  sketchBody,
} from './sample-stats.test.support.ts';

const withRun = (bins: number): Uint8Array => {
  const writer = withMapping((inner) => inner.double(1, 1.01));
  const run = Buffer.alloc(bins * 8);
  for (let i = 0; i < bins; i++) run.writeDoubleLE(1, i * 8);
  writer.message(2, () => writer.bytes(2, run));
  return writer.finish();
};

test('decodeClientStats() reads every field it knows and passes over the rest', () => {
  const { buckets, ...sender } = decodeClientStats(clientStatsBody());
  expect(sender).toEqual({
    hostname: 'app-host',
    env: 'prod',
    version: '1.2.3',
    lang: 'nodejs',
    tracerVersion: '6.21.0',
    runtimeId: 'r-1',
    service: '',
    containerId: '',
    agentAggregation: '',
    gitCommitSha: '',
    imageTag: '',
    sequence: 7,
    tags: ['team:payments'],
    processTags: '',
    processTagsHash: '18446744073709551615',
  });
  const [bucket] = buckets;
  expect(bucket).toMatchObject({
    start: 1727177150000000000n,
    duration: 10_000_000_000,
    agentTimeShift: 0,
  });
  expect(bucket!.stats[0]).toMatchObject({
    service: 'checkout',
    resource: 'GET /',
    httpStatusCode: 200,
    grpcStatusCode: '0',
    spanKind: 'server',
    isTraceRoot: true,
    peerTags: ['peer.service:carts'],
    serviceSource: 'opt',
    hits: 3,
    topLevelHits: 3,
    errors: 1,
    duration: 2_436_000_000,
  });
  expect(decodeDDSketch(bucket!.stats[0]!.okSummary).zeroCount).toBe(3);
});

test('decodeAgentStats() reads the statistics an agent passes on', () => {
  const { stats, ...agent } = decodeAgentStats(agentStatsBody());
  expect(agent).toEqual({
    agentHostname: 'node-1',
    agentEnv: 'prod',
    agentVersion: '7.79.1',
    clientComputed: true,
    splitPayload: false,
  });
  expect(stats.map((payload) => payload.sequence)).toEqual([7]);
});

test('the counts of a single bin and of a run add up', () => {
  const sketch = decodeDDSketch(sketchBody());
  expect(sketch.mapping).toEqual(LIBDATADOG);
  expect(sketch.positive).toEqual([
    { index: 892, count: 1 },
    { index: 894, count: 7 },
  ]);
  expect(sketch.negative).toEqual([]);
  expect(sketch.zeroCount).toBe(3);
});

test('a bin stands for the value that its producer says', () => {
  expect(sketchAccuracy(LIBDATADOG)).toBeCloseTo(0.00775194, 8);
  expect(sketchValue(LIBDATADOG, 892)).toBeCloseTo(992_883.48, 2);
  expect(sketchValue(LIBDATADOG, 1338)).toBeCloseTo(999_969_953.3, 1);
  // 1e6 ns and 1e9 ns lie within the accuracy of their bins.
  expect(Math.abs(sketchValue(LIBDATADOG, 892) / 1e6 - 1)).toBeLessThan(0.00776);
});

test('linear and cubic mappings pass through the powers of two', () => {
  const gamma = 2 ** (1 / 32);
  for (const interpolation of ['linear', 'cubic'] as const) {
    const mapping = { gamma, indexOffset: 0, interpolation };
    const lower = sketchValue(mapping, 320) / (1 + sketchAccuracy(mapping));
    expect(lower).toBeCloseTo(1024, 6);
    expect(sketchValue(mapping, 321)).toBeGreaterThan(sketchValue(mapping, 320));
  }
});

test('quantiles walk from the lowest value, zeros included', () => {
  const sketch = decodeDDSketch(sketchBody());
  expect(sketchQuantile(sketch, 0)).toBe(0);
  expect(sketchQuantile(sketch, 1)).toBe(sketchValue(LIBDATADOG, 894));
  expect(sketchPoints(sketch).map(({ count }) => count)).toEqual([3, 1, 7]);
});

test('negative values mirror', () => {
  const writer = new ProtobufWriter();
  writer.message(1, () => writer.double(1, 1.02));
  writer.message(3, () => {
    for (const [index, count] of [
      [10, 1],
      [20, 2],
    ] as const) {
      writer.message(1, () => {
        writer.integer(1, index * 2);
        writer.double(2, count);
      });
    }
  });
  const points = sketchPoints(decodeDDSketch(writer.finish()));
  expect(points.map(({ count }) => count)).toEqual([2, 1]);
  expect(points[0]!.value).toBeLessThan(points[1]!.value);
});

test.each([
  ['no mapping', new ProtobufWriter()],
  ['gamma of 1', withMapping((writer) => writer.double(1, 1))],
  [
    'an offset that is no number',
    withMapping((writer) => (writer.double(1, 1.01), writer.double(2, Number.NaN))),
  ],
  [
    'quadratic interpolation',
    withMapping((writer) => (writer.double(1, 1.01), writer.integer(3, 2))),
  ],
])('a sketch with %s is refused', (_name, writer) => {
  expect(() => decodeDDSketch(writer.finish())).toThrow(/sketch/);
});

test('4,096 bins are read and one more is refused', () => {
  expect(decodeDDSketch(withRun(4_096)).positive).toHaveLength(4_096);
  expect(() => decodeDDSketch(withRun(4_097))).toThrow(/4096 bins/);
});

function withMapping(write: (writer: ProtobufWriter) => void): ProtobufWriter {
  const writer = new ProtobufWriter();
  writer.message(1, () => write(writer));
  return writer;
}
