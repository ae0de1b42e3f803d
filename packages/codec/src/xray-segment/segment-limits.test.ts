import { describe, expect, test } from 'vitest';
import {
  decodeBody,
  decodeDocuments,
  decodeSegment,
  segment,
  subsegment,
} from './segment-samples.test.support.ts';
import { decodeTrace } from './segment-traces.test.support.ts';

const id = (index: number): string => (0x10000 + index).toString(16).padStart(16, '0');

describe('size', () => {
  test('subsegments 100 deep keep their order and belong to the segment around all of them', () => {
    let inner: Record<string, unknown> | undefined;
    for (let level = 100; level > 0; level--) {
      inner = subsegment({
        id: level.toString(16).padStart(16, '0'),
        name: `level ${level}`,
        ...(inner === undefined ? {} : { subsegments: [inner] }),
      });
    }
    const { spans } = decodeTrace([
      segment({ annotations: { env: 'prod' }, subsegments: [inner] }),
    ]);
    expect(spans).toHaveLength(101);
    for (const [index, span] of spans.entries()) {
      expect(span.parentId).toBe(index === 0 ? undefined : spans[index - 1]!.spanId);
      expect([span.service, span.env]).toEqual(['checkout', 'prod']);
    }
  });

  test('a trace of 10,001 spans, half of them uploaded by themselves, is read whole in a moment', () => {
    const documents = Array.from({ length: 101 }, (_each, index) =>
      segment({
        id: id(index * 100),
        name: 'worker',
        origin: index % 2 === 0 ? 'AWS::Lambda::Function' : 'AWS::Lambda',
        ...(index === 0 ? {} : { parent_id: id((index - 1) * 100) }),
        ...(index === 100
          ? {}
          : {
              subsegments: Array.from({ length: 49 }, (_, inner) =>
                subsegment({ id: id(index * 100 + 1 + inner) }),
              ),
            }),
      }),
    );
    const alone = Array.from({ length: 5_000 }, (_, index) =>
      subsegment({
        id: id(20_000 + index),
        type: 'subsegment',
        trace_id: documents[0]!['trace_id'],
        parent_id: id(Math.floor(index / 50) * 100),
        in_progress: true,
        end_time: undefined,
      }),
    );
    const { spans, outcome } = decodeTrace([...documents, ...alone], { state: 'stalled' });
    expect(outcome).toMatchObject({ traces: 1, spans: 10_001, malformedSpans: {} });
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(10_001);
    // Some 200 ms, half of it for the test's own objects; what is quadratic would run into the test's time limit.
  });
});

const dump = (length: number): string =>
  decodeSegment({ metadata: { n: { dump: ['y'.repeat(length - 4)] } } }).meta[
    'xray.metadata.n.dump'
  ]!;

describe('metadata', () => {
  test('of 64 kB in one value is cut and said to be', () => {
    const { spans, outcome } = decodeDocuments([
      segment({ metadata: { default: { dump: { text: 'x'.repeat(64_000) }, small: { a: 1 } } } }),
    ]);
    const { meta } = spans[0]!;
    expect(meta['xray.metadata.default.dump']).toHaveLength(5_003);
    expect(meta['xray.metadata.default.dump']!.slice(0, 14)).toBe('{"text":"xxxxx');
    expect(meta['xray.metadata.default.dump']!.endsWith('xxx...')).toBe(true);
    expect(meta['xray.metadata.default.small']).toBe('{"a":1}');
    expect(spans[0]!.typed).toEqual({ 'xray.metadata.default.small': 'json' });
    expect(outcome.malformedSpans).toEqual({ MetadataTruncate: 1 });
  });

  test('of 5,000 characters of JSON is kept whole, of 5,001 cut', () => {
    expect(dump(5_000)).toBe(`["${'y'.repeat(4_996)}"]`);
    expect(dump(5_001)).toBe(`["${'y'.repeat(4_997)}"...`);
  });

  test('of 64 kB in many entries stays within its limits', () => {
    const entries = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, i) => [`key-${i}`, `value ${i}`]),
    );
    const { meta } = decodeSegment({ metadata: { default: entries } });
    const names = Object.keys(meta).filter((name) => name.startsWith('xray.metadata'));
    expect(names).toHaveLength(51);
    expect(meta['xray.metadata']!.length).toBe(5_003);
  });

  test('for debugging is left out', () => {
    const { meta, metrics } = decodeSegment({
      metadata: { debug: { a: 'x', b: 1 }, default: { debug: 'y' } },
    });
    expect(JSON.stringify({ meta, metrics })).not.toContain('xray.metadata.debug');
    expect(meta['xray.metadata.default.debug']).toBe('y');
  });

  test('of any depth loses nothing else of its segment', () => {
    const deep = `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`;
    const text = JSON.stringify(segment({ metadata: { n: { deep: 0, flat: 'kept' } } }));
    const { spans, outcome } = decodeBody(text.replace('"deep":0', `"deep":${deep}`));
    expect(outcome).toMatchObject({ spans: 1, rejectedSpans: 0 });
    expect(spans[0]!.meta['xray.metadata.n.flat']).toBe('kept');
    expect(spans[0]!.meta['xray.metadata.n.deep']!.startsWith('{"a":{"a":')).toBe(true);
  });

  test('may be values without a namespace', () => {
    const { meta, metrics } = decodeSegment({
      metadata: { 'faas.name': 'fn', 'faas.memory': 128, flag: true, none: null },
    });
    expect(meta).toMatchObject({ 'xray.metadata.faas.name': 'fn', 'xray.metadata.flag': 'true' });
    expect(metrics['xray.metadata.faas.memory']).toBe(128);
    expect(meta).not.toHaveProperty('xray.metadata.none');
  });
});

describe('annotations', () => {
  test('that are no plain values are dropped, and the segment is not', () => {
    const { spans, outcome } = decodeDocuments([
      segment({ annotations: { basket: 'b-1', object: { a: 1 }, list: [1], none: null } }),
    ]);
    expect(spans[0]!.meta['basket']).toBe('b-1');
    expect(spans[0]!.meta).not.toHaveProperty('object');
    expect(spans[0]!.meta).not.toHaveProperty('list');
    expect(outcome).toMatchObject({ spans: 1, malformedSpans: { AnnotationInvalid: 2 } });
  });

  test('with a colon keep their names', () => {
    expect(decodeSegment({ annotations: { 'aws:api_id': 'k' } }).meta['aws:api_id']).toBe('k');
  });
});

describe('exceptions', () => {
  const frame = {
    path: '/srv/app/node_modules/some-library/lib/index.js',
    line: 41,
    label: 'charge',
  };
  const exception = (index: number, frames: number): Record<string, unknown> => ({
    id: index.toString(16).padStart(16, '0'),
    type: 'Error',
    message: `failure ${index}`,
    stack: Array.from({ length: frames }, () => frame),
  });

  test('of more than 25 kB are kept without their stacks, the first with its own', () => {
    const { spans, outcome } = decodeDocuments([
      segment({ fault: true, cause: { exceptions: [exception(1, 150), exception(2, 150)] } }),
    ]);
    const { meta } = spans[0]!;
    expect(JSON.parse(meta['xray.exceptions']!)).toEqual([
      { id: '0000000000000001', type: 'Error', message: 'failure 1' },
      { id: '0000000000000002', type: 'Error', message: 'failure 2' },
    ]);
    expect(meta['error.stack']!.split('\n')).toHaveLength(151);
    expect(outcome.malformedSpans).toEqual({ ExceptionsTruncate: 1 });
  });

  test('too many even without stacks are cut from the end', () => {
    const exceptions = Array.from({ length: 1_000 }, (_, index) => exception(index, 0));
    const { meta } = decodeSegment({ fault: true, cause: { exceptions } });
    const kept = JSON.parse(meta['xray.exceptions']!) as { message: string }[];
    expect(kept.length).toBeGreaterThan(100);
    expect(kept[0]!.message).toBe('failure 0');
    expect(Buffer.byteLength(meta['xray.exceptions']!)).toBeLessThanOrEqual(25_000);
  });
});

test('a document whose texts are all escapes is read as they mean', () => {
  const text = JSON.stringify(segment({ name: 'Grüße 🛒' })).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  expect(decodeBody(JSON.stringify([text])).spans[0]!.meta['xray.name']).toBe('Grüße 🛒');
});
