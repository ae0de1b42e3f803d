import { DecodeError, formatSpanId } from '@spanloom/base';
import { type Span, SpanBatch } from '@spanloom/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../decode-record.ts';
import { decode, record, spansOf } from '../sample-spans.test.support.ts';
import { fixture, segment, subsegment } from './segment-samples.test.support.ts';
import { decodeTrace, lone, TRACE_ID, traceBody } from './segment-traces.test.support.ts';

function byId(spans: readonly Span[]): Span[] {
  return spans.toSorted((one, other) => (one.spanId < other.spanId ? -1 : 1));
}

describe('a fetched trace', () => {
  test('takes the place of what was fetched before', () => {
    const { outcome, spans } = decodeTrace([segment({ subsegments: [subsegment()] })]);
    expect(outcome).toMatchObject({ traces: 1, spans: 2, rejectedSpans: 0 });
    expect(outcome.replaces).toEqual({ hi: 0x66f2a1c4cc33dd44n, lo: 0xee55ff6600112233n });
    expect(outcome.replaces).toEqual(spans[0]!.traceId);
  });

  test('says on every span where it was fetched', () => {
    const { spans } = decodeTrace([segment({ subsegments: [subsegment()] })]);
    expect(spans.map(({ meta }) => [meta['xray.account'], meta['xray.region']])).toEqual([
      ['111122223333', 'eu-west-1'],
      ['111122223333', 'eu-west-1'],
    ]);
    const { spans: elsewhere } = decodeTrace([segment()], { account: '', region: '' });
    expect(elsewhere[0]!.meta).not.toHaveProperty('xray.account');
    expect(elsewhere[0]!.meta).not.toHaveProperty('xray.region');
  });

  test('without documents is empty, and still replaces', () => {
    const { outcome } = decodeTrace([]);
    expect(outcome).toMatchObject({ traces: 0, spans: 0 });
    expect(outcome.replaces).toEqual({ hi: 0x66f2a1c4cc33dd44n, lo: 0xee55ff6600112233n });
  });

  test('has the environment of its place where a segment states none', () => {
    const { spans } = decodeTrace(
      [
        segment({ subsegments: [subsegment()] }),
        segment({ id: '1111111111111111', name: 'b', annotations: { env: 'staging' } }),
      ],
      { env: 'Prod' },
    );
    expect(spans.map(({ env }) => env)).toEqual(['prod', 'prod', 'staging']);
    expect(decodeTrace([segment()]).spans[0]!.env).toBe('');
  });

  test('refuses documents of other traces and keeps its own', () => {
    const { spans, outcome } = decodeTrace([
      segment({ trace_id: '1-66f2a1c4-000000000000000000000001', subsegments: [subsegment()] }),
      segment(),
      '{"id": nonsense}',
    ]);
    expect(spans.map(({ spanId }) => formatSpanId(spanId))).toEqual(['dd11223344556677']);
    expect(outcome).toMatchObject({ traces: 1, spans: 1, rejectedSpans: 3 });
    expect(
      decodeTrace([segment({ trace_id: '1-66f2a1c4-000000000000000000000001' })]).outcome,
    ).toMatchObject({
      rejectedMessage:
        'a segment document was refused: it is of trace 1-66f2a1c4-000000000000000000000001, not of 1-66f2a1c4-cc33dd44ee55ff6600112233',
    });
  });

  test.each([
    ['[]', 'expected a fetched trace, a JSON object'],
    ['{"documents":[]}', 'trace_id is "", expected 1-<8 hex>-<24 hex>'],
    [`{"trace_id":"${TRACE_ID}"}`, 'a fetched trace without documents'],
    [`{"trace_id":"${TRACE_ID}","documents":{}}`, 'documents is no JSON array'],
    [`{"trace_id":7,"documents":[]}`, 'trace_id is no JSON string'],
    [`{"trace_id":"${TRACE_ID}","documents":[]} x`, 'expected the end of the body, found "x"'],
  ])('%s is refused', (body, problem) => {
    expect(() => decode('xray-trace-json', Buffer.from(body))).toThrow(problem);
  });

  test('may say more than is known', () => {
    expect(decodeTrace([segment()], { revision: 7, summary: { a: [1] } }).outcome.spans).toBe(1);
  });
});

describe('unfinished segments', () => {
  const unfinished = {
    start_time: 1727170000,
    end_time: undefined,
    in_progress: true,
    subsegments: [subsegment({ start_time: 1727170001, end_time: 1727170002.5 })],
  };

  test('of a growing trace last until now, however old they are', () => {
    const [span] = decodeTrace([segment(unfinished)], { state: 'growing' }).spans;
    expect(span!.duration).toBe(7_200_000_000_000);
    expect(span!.meta).toMatchObject({ 'xray.in_progress': 'true' });
    expect(span!.meta).not.toHaveProperty('xray.incomplete');
    expect(span!.flags).toBe(1 | 8);
  });

  test.each(['stalled', 'limit'])('of a %s trace last until the last end inside them', (state) => {
    const recent = {
      ...unfinished,
      start_time: 1727177190,
      subsegments: [subsegment({ start_time: 1727177191, end_time: 1727177192.5 })],
    };
    const [span, inner] = decodeTrace([segment(recent)], { state }).spans;
    expect(span!.duration).toBe(2_500_000_000);
    expect(span!.meta).toMatchObject({ 'xray.in_progress': 'true', 'xray.incomplete': 'true' });
    expect(inner!.meta).not.toHaveProperty('xray.incomplete');
  });

  test.each(['stable', 'new', ''])('of a trace that is %j are judged by their age', (state) => {
    const begun = { end_time: undefined, in_progress: true };
    const [old] = decodeTrace([segment({ ...begun, start_time: 1727176299 })], { state }).spans;
    expect(old!.meta['xray.incomplete']).toBe('true');
    const [young] = decodeTrace([segment({ ...begun, start_time: 1727176301 })], { state }).spans;
    expect(young!.duration).toBe(899_000_000_000);
    expect(young!.meta).not.toHaveProperty('xray.incomplete');
  });

  test('count what ended in a subsegment that came by itself', () => {
    const { spans } = decodeTrace(
      [segment({ end_time: undefined, in_progress: true }), lone({ end_time: 1727177157.25 })],
      { state: 'stalled' },
    );
    expect(spans[0]!.duration).toBe(1_000_000_000);
  });

  test('the top of a trace that was cut says so, and nothing else does', () => {
    const { spans } = decodeTrace(
      [
        segment({ id: '2222222222222222', name: 'later', start_time: 1727177156.4 }),
        segment({ subsegments: [subsegment()] }),
      ],
      { state: 'limit' },
    );
    expect(spans.map(({ meta }) => meta['xray.limit_exceeded'])).toEqual([
      undefined,
      'true',
      undefined,
    ]);
  });
});

describe('versions of a segment', () => {
  test('the finished one counts, whichever came first', () => {
    const begun = segment({ end_time: undefined, in_progress: true });
    for (const documents of [
      [begun, segment()],
      [segment(), begun],
    ]) {
      const { spans, outcome } = decodeTrace(documents);
      expect(spans).toHaveLength(1);
      expect(spans[0]).toMatchObject({ duration: 500_000_000, flags: 1 });
      expect(outcome).toMatchObject({ traces: 1, spans: 1, malformedSpans: {} });
    }
  });

  test('one that came by itself and within its segment is one span', () => {
    const { spans } = decodeTrace([
      lone({ parent_id: 'dd11223344556677' }),
      segment({ subsegments: [subsegment({ annotations: { inside: true } })] }),
    ]);
    expect(spans).toHaveLength(2);
    const inner = spans.find(({ resource }) => resource === 'work')!;
    expect(inner.parentId).toBe(0xdd11223344556677n);
    expect(inner.meta['inside']).toBe('true');
  });

  test('the finished one that came by itself counts before the unfinished one inside', () => {
    const { spans } = decodeTrace([
      segment({ subsegments: [subsegment({ end_time: undefined, in_progress: true })] }),
      lone(),
    ]);
    expect(spans).toHaveLength(2);
    expect(spans[1]).toMatchObject({ duration: 100_000_000, flags: 0 });
  });

  test('what only the unfinished version contains is kept below the finished one', () => {
    const { spans } = decodeTrace([
      segment({ end_time: undefined, in_progress: true, subsegments: [subsegment()] }),
      segment({ name: 'renamed' }),
    ]);
    expect(spans.map(({ service, parentId }) => [service, parentId])).toEqual([
      ['renamed', 0xdd11223344556677n],
      ['renamed', undefined],
    ]);
  });

  test('a callee that reports takes the place of what was inferred for it', () => {
    const call = segment({ subsegments: [subsegment({ namespace: 'remote', name: 'stock' })] });
    const inferred = segment({
      id: '1111111111111111',
      name: 'stock',
      inferred: true,
      parent_id: 'ff33445566778899',
    });
    const real = segment({ id: '2222222222222222', name: 'stock', parent_id: 'ff33445566778899' });
    expect(decodeTrace([call, inferred]).spans.map(({ meta }) => meta['xray.document'])).toEqual([
      'segment',
      'subsegment',
      'inferred',
    ]);
    const { spans } = decodeTrace([call, inferred, real]);
    expect(spans.map(({ spanId }) => formatSpanId(spanId))).toEqual([
      'dd11223344556677',
      'ff33445566778899',
      '2222222222222222',
    ]);
  });

  test("a subsegment with the id of a segment gets one of its own, and so do its children's parents", () => {
    const { spans, outcome } = decodeTrace([
      segment({
        subsegments: [
          subsegment({
            id: 'dd11223344556677',
            subsegments: [subsegment({ id: '3333333333333333', name: 'inner' })],
          }),
        ],
      }),
      lone({ id: '4444444444444444', name: 'other' }),
    ]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4);
    const [root, work, inner, other] = spans;
    expect(root!.spanId).toBe(0xdd11223344556677n);
    expect(work!.meta).toMatchObject({
      'xray.segment_id': 'dd11223344556677',
      'xray.id_synthetic': 'true',
    });
    expect([work!.parentId, inner!.parentId, other!.parentId]).toEqual([
      root!.spanId,
      work!.spanId,
      root!.spanId,
    ]);
    expect(outcome.malformedSpans).toEqual({});
  });

  test('two subsegments of one document with one id are two spans', () => {
    const { spans } = decodeTrace([
      segment({ subsegments: [subsegment({ name: 'one' }), subsegment({ name: 'two' })] }),
    ]);
    expect(spans.map(({ resource }) => resource)).toEqual(['checkout', 'one', 'two']);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
  });

  test('an id means another segment in another trace', () => {
    const { spans, outcome } = decode(
      'xray-segment-json',
      Buffer.from(
        JSON.stringify([segment(), segment({ trace_id: '1-66f2a1c4-000000000000000000000001' })]),
      ),
    );
    expect(outcome).toMatchObject({ traces: 2, spans: 2 });
    expect(spans[0]!.spanId).toBe(spans[1]!.spanId);
  });
});

describe('subsegments that came by themselves', () => {
  test('belong to the only function when nobody knows their parent', () => {
    const { spans } = decodeTrace([
      lone({ parent_id: 'abababababababab' }),
      segment({ id: '1111111111111111', name: 'gateway/prod', origin: 'AWS::ApiGateway::Stage' }),
      segment({ name: 'orders-api', origin: 'AWS::Lambda::Function' }),
    ]);
    expect(spans[0]).toMatchObject({ service: 'orders-api', parentId: 0xababababababababn });
  });

  test('belong to nobody when there are two functions to choose from', () => {
    const { spans } = decodeTrace([
      lone({ parent_id: 'abababababababab' }),
      segment({ name: 'orders-api', origin: 'AWS::Lambda::Function' }),
      segment({ id: '2222222222222222', name: 'mailer', origin: 'AWS::Lambda::Function' }),
    ]);
    expect(spans[0]!.service).toBe('unnamed-service');
  });

  test('speak for their function: environment, service, cold start', () => {
    const { spans } = decodeTrace([
      segment({ name: 'orders-api', origin: 'AWS::Lambda::Function' }),
      lone({ name: 'Initialization' }),
      lone({ id: '5555555555555555', annotations: { env: 'prod', Service: 'orders' } }),
    ]);
    expect(spans.map(({ service, env }) => [service, env])).toEqual([
      ['orders', 'prod'],
      ['orders', 'prod'],
      ['orders', 'prod'],
    ]);
    expect(spans[0]!.meta['cold_start']).toBe('true');
    expect(spans[1]).toMatchObject({ name: 'Initialization', resource: 'orders-api' });
  });
});

describe('whatever the order of documents', () => {
  const names = ['api-gateway-stage', 'lambda-service', 'lambda-function', 'inferred-table'];
  const texts = names.map((name) => fixture(name).toString('utf8'));
  const own = JSON.parse(texts[0]!) as { trace_id: string };
  const extra = [
    segment({ trace_id: own.trace_id, end_time: undefined, in_progress: true }),
    segment({
      trace_id: own.trace_id,
      fault: true,
      cause: 'e000000000000001',
      subsegments: [subsegment(), subsegment({ name: 'twin' })],
    }),
    lone({ trace_id: own.trace_id, annotations: { env: 'prod' } }),
    lone({ trace_id: own.trace_id, annotations: { env: 'test' }, end_time: 1727177156.5 }),
    lone({ trace_id: own.trace_id, id: 'dd11223344556677' }),
    lone({
      trace_id: own.trace_id,
      id: '6666666666666666',
      parent_id: '9b8c7d6e5f4a3b2c',
      cause: { exceptions: [{ id: 'e000000000000001', type: 'One' }] },
    }),
    lone({
      trace_id: own.trace_id,
      id: '7777777777777777',
      parent_id: 'opaque',
      cause: { exceptions: [{ id: 'e000000000000001', type: 'Two' }] },
    }),
  ].map((each) => JSON.stringify(each));
  const documents = [...texts, ...extra];

  test('the spans are the same', () => {
    const expected = byId(decodeTrace(documents, { trace_id: own.trace_id }).spans);
    expect(expected.length).toBeGreaterThan(documents.length);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...documents, ...documents], { minLength: documents.length * 2 }),
        (shuffled) => {
          const { spans } = decodeTrace(shuffled, { trace_id: own.trace_id });
          expect(byId(spans)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('no two spans have one id', () => {
    const ids = fc.constantFrom('1111111111111111', '2222222222222222', 'odd', '', undefined);
    const kind = fc.record({
      id: ids,
      parent_id: ids,
      name: fc.constantFrom('a', 'b'),
      type: fc.constantFrom('subsegment', undefined),
      inferred: fc.constantFrom(true, undefined),
      origin: fc.constantFrom('AWS::Lambda', 'AWS::Lambda::Function', undefined),
      in_progress: fc.constantFrom(true, undefined),
      cause: fc.constantFrom('1111111111111111', '2222222222222222', undefined),
      subsegments: fc.array(
        fc.record({
          id: ids,
          name: fc.constantFrom('c', 'Overhead'),
          subsegments: fc.array(fc.record({ id: ids })),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(kind, { maxLength: 6 }),
        fc.constantFrom('growing', 'stalled', 'limit'),
        (fields, state) => {
          const built = fields.map((each) => segment(each));
          const { spans, outcome } = decodeTrace(built, { state });
          expect(outcome).toMatchObject({ droppedSpans: 0, rejectedSpans: 0, spans: spans.length });
          expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
          const backwards = decodeTrace(built.toReversed(), { state });
          expect(byId(backwards.spans)).toEqual(byId(spans));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('broken bodies', () => {
  const whole = traceBody([
    fixture('ecs-container').toString('utf8'),
    segment({ name: 'Größe 🛒' }),
  ]);

  test('cut short anywhere are refused and add no row', () => {
    for (let cut = 1; cut < whole.length; cut += 7) {
      const batch = new SpanBatch();
      let error: unknown;
      try {
        decodeRecord(record('xray-trace-json', whole.subarray(0, cut)), batch);
      } catch (thrown) {
        error = thrown;
      }
      expect(error, `cut at ${cut}`).toBeInstanceOf(DecodeError);
      expect(batch.length).toBe(0);
    }
  });

  test('flipped bits and noise are refused or decoded, never anything else', () => {
    const bits = fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bits, fc.uint8Array({ maxLength: 40 }), (flips, noise) => {
        const broken = Uint8Array.from(whole);
        for (const bit of flips) broken[bit >> 3]! ^= 1 << (bit & 7);
        for (const body of [broken, Buffer.concat([noise, whole]), noise]) {
          const batch = new SpanBatch();
          try {
            const outcome = decodeRecord(record('xray-trace-json', body), batch);
            expect(spansOf(batch)).toHaveLength(outcome.spans);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
            expect(batch.length).toBe(0);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('any JSON in place of documents loses none of the good ones', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (odd) => {
        const { spans } = decodeTrace([JSON.stringify(odd), segment()]);
        expect(spans).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});
