import { DecodeError } from '@spanloom/base';
import { SPAN_FLAGS, SpanBatch } from '@spanloom/model';
import { pack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../decode-record.ts';
import {
  agentV04,
  decode,
  decodeChunk,
  decodeOne,
  RECEIVED_MS,
  record,
  spansOf,
  wireSpan,
} from '../sample-spans.test.support.ts';
import { MsgpackWriter } from '../wire/msgpack-writer.ts';

function agentlessBody(start: number | bigint): Uint8Array {
  return Buffer.from(
    `{"traces":[{"hostname":"h","env":"prod","languageName":"nodejs","spans":[{"trace_id":"9a7d4b21e6c8f013","span_id":"2b3c4d5e6f708192",` +
      `"parent_id":"0000000000000000","name":"a","service":"s","resource":"r","error":0,"start":${start},"duration":1500000,"meta":{},"metrics":{}}]}]}`,
  );
}

function rootSpan(metrics: object): object {
  return wireSpan({ metrics });
}

function traceHighOf(meta: Record<string, string>): bigint {
  return decodeOne({ meta }).traceId.hi;
}

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

describe('shapes that hold nothing', () => {
  test.each([
    ['.NET probe', 'agent-v0.4-msgpack', '90'],
    ['Java probe', 'agent-v0.5-msgpack', '92 90 90'],
    ['nil outer array', 'agent-v0.4-msgpack', 'c0'],
    ['empty JSON', 'agent-v0.3-json', '5b 5d'],
    ['empty tracer payload', 'agent-v0.7-msgpack', '80'],
    ['empty v1.0 payload', 'agent-v1.0-msgpack', '80'],
    ['empty AgentPayload', 'agent-payload-protobuf', ''],
  ] as const)('%s', (_name, format, body) => {
    expect(decode(format, hex(body)).outcome).toMatchObject({
      traces: 0,
      spans: 0,
      droppedTraces: {},
    });
  });

  test('a chunk without spans is dropped and counted, its neighbour stays', () => {
    const { spans, outcome } = decode('agent-v0.4-msgpack', agentV04([[], [wireSpan()]]));
    expect(spans).toHaveLength(1);
    expect(outcome.droppedTraces).toEqual({ EmptyTrace: 1 });
  });
});

describe('fields in the forms that tracers send', () => {
  test('JSON ids above 2^53 keep every digit', () => {
    const body = Buffer.from(
      '[[{"trace_id":18446744073709551615,"span_id":9007199254740993,"parent_id":0,"name":"a","service":"b",' +
        '"start":1727177156250000001,"duration":1,"error":true,"meta":{"k":"v","n":1.5,"t":true,"x":null},"metrics":{"m":2}}]]',
    );
    const { spans } = decode('agent-v0.3-json', body);
    expect(spans[0]).toMatchObject({
      traceId: { hi: 0n, lo: 18446744073709551615n },
      spanId: 9007199254740993n,
      parentId: undefined,
      start: 1727177156250000001n,
      error: true,
      meta: { k: 'v', n: '1.5', t: 'true' },
      metrics: { m: 2 },
    });
  });

  test('v0.1 JSON groups a flat list of spans by trace', () => {
    const flat = [
      {
        trace_id: 1,
        span_id: 1,
        parent_id: 0,
        name: 'a',
        service: 's',
        start: 1727177156250000000,
        duration: 1,
      },
      {
        trace_id: 2,
        span_id: 2,
        parent_id: 0,
        name: 'b',
        service: 's',
        start: 1727177156250000000,
        duration: 1,
      },
      {
        trace_id: 1,
        span_id: 3,
        parent_id: 1,
        name: 'c',
        service: 's',
        start: 1727177156250000000,
        duration: 1,
      },
    ];
    const { spans, outcome } = decode('agent-v0.1-json', Buffer.from(JSON.stringify(flat)));
    expect(outcome).toMatchObject({ traces: 2, spans: 3, droppedTraces: {} });
    expect(spans.map((span) => span.name)).toEqual(['a', 'c', 'b']);
  });

  test('nil stands for nothing in every field', () => {
    const nils = Object.fromEntries(
      [
        'service',
        'resource',
        'type',
        'parent_id',
        'error',
        'meta',
        'metrics',
        'meta_struct',
        'span_links',
        'span_events',
      ].map((key) => [key, null]),
    );
    expect(decodeOne(nils)).toMatchObject({
      service: 'unnamed-service',
      resource: 'web.request',
      type: '',
      parentId: undefined,
      error: false,
      meta: {},
    });
  });

  test.each([
    [1_727_177_156_250_000_001n, 1_727_177_156_250_000_001n],
    // A double of this size is exact to 256 ns: what it says is kept as it says it.
    [1.72717715625e18, 1_727_177_156_249_999_872n],
  ])('start as %s', (start, expected) => {
    expect(decodeOne({ start }).start).toBe(expected);
  });

  test('duration as a double', () => {
    expect(decodeOne({ duration: 1234.75 }).duration).toBe(1234);
  });

  test.each([
    [true, true],
    [false, false],
    [1, true],
    [0, false],
  ])('error as %s', (error, expected) => {
    expect(decodeOne({ error }).error).toBe(expected);
  });

  test('numbers in meta become text, nil values are left out', () => {
    expect(
      decodeOne({ meta: { n: 1, f: 0.5, t: true, big: 18446744073709551615n, none: null } }).meta,
    ).toEqual({
      n: '1',
      f: '0.5',
      t: 'true',
      big: '18446744073709551615',
    });
  });

  test('metrics: integers stay exact, NaN and infinities are left out and counted', () => {
    const { spans, outcome } = decodeChunk([
      wireSpan({
        metrics: { i: 7, big: 9007199254740993n, nan: Number.NaN, inf: -Infinity, none: null },
      }),
    ]);
    expect(spans[0]!.metrics).toEqual({ i: 7, big: 9007199254740992 });
    expect(spans[0]!.typed).toEqual({ big: 'int:9007199254740993' });
    expect(outcome.malformedSpans).toEqual({ MetricInvalid: 2 });
  });

  test('a key stated twice counts once, with its last value', () => {
    const writer = new MsgpackWriter();
    writer.array(1);
    writer.array(1);
    writer.map(8);
    for (const [key, value] of [
      ['trace_id', 5],
      ['span_id', 6],
      ['duration', 1],
    ] as const) {
      writer.text(key);
      writer.int(value);
    }
    writer.text('start');
    writer.bigint(1_727_177_156_250_000_000n);
    writer.text('name');
    writer.text('n');
    writer.text('service');
    writer.text('s');
    writer.text('meta');
    writer.map(3);
    for (const text of ['a', 'first', 'b', 'other', 'a', 'second']) writer.text(text);
    writer.text('metrics');
    writer.map(2);
    for (const value of [1, 2]) {
      writer.text('m');
      writer.int(value);
    }
    const { spans } = decode('agent-v0.4-msgpack', writer.out.view());
    expect(spans[0]!.meta).toEqual({ a: 'second', b: 'other' });
    expect(spans[0]!.metrics).toEqual({ m: 2 });
  });

  test('text that is not UTF-8 is mended and counted', () => {
    const body = Buffer.from(agentV04([[wireSpan({ meta: { note: 'QQQQ' }, resource: 'RRRR' })]]));
    body.fill(0xff, body.indexOf('QQQQ'), body.indexOf('QQQQ') + 4);
    body.fill(0xc3, body.indexOf('RRRR') + 3, body.indexOf('RRRR') + 4);
    const { spans, outcome } = decode('agent-v0.4-msgpack', body);
    expect(spans[0]!.meta['note']).toBe('\ufffd'.repeat(4));
    expect(spans[0]!.resource).toBe('RRR\ufffd');
    expect(outcome.malformedSpans['InvalidUTF8']).toBe(2);
  });

  test('meta_struct is kept as bytes, whatever is in it; beyond 10 MiB it is left out', () => {
    const { spans, outcome } = decodeChunk([
      wireSpan({
        meta_struct: { appsec: Buffer.from([0xc1, 0xff]), large: Buffer.alloc(10_485_761) },
      }),
    ]);
    expect(spans[0]!.binary).toEqual({ appsec: Uint8Array.of(0xc1, 0xff) });
    expect(outcome.malformedSpans).toEqual({ MetaStructTooLarge: 1 });
  });

  test('native events of every attribute type, and links', () => {
    const span = decodeOne({
      span_links: [
        {
          trace_id: 2n,
          trace_id_high: 1n,
          span_id: 3n,
          attributes: { a: 'b' },
          tracestate: 'x=1',
          flags: 0x8000_0001,
        },
        { trace_id: 0n, span_id: 3n },
      ],
      span_events: [
        {
          time_unix_nano: 1_727_177_156_250_000_000n,
          name: 'exception',
          attributes: {
            s: { type: 0, string_value: 'text' },
            b: { type: 1, bool_value: true },
            i: { type: 2, int_value: 9007199254740993n },
            d: { type: 3, double_value: 0.5 },
            l: {
              type: 4,
              array_value: {
                values: [
                  { type: 2, int_value: 1 },
                  { type: 0, string_value: 'x' },
                ],
              },
            },
          },
        },
      ],
    });
    expect(span.links).toEqual([
      {
        traceId: { hi: 1n, lo: 2n },
        spanId: 3n,
        attributes: { a: 'b' },
        traceState: 'x=1',
        flags: 1,
      },
    ]);
    expect(span.events).toEqual([
      {
        name: 'exception',
        time: 1_727_177_156_250_000_000n,
        attributes: { s: 'text', b: true, i: '9007199254740993', d: 0.5, l: [1, 'x'] },
      },
    ]);
  });

  test('events and links in JSON are lifted out of meta', () => {
    const span = decodeOne({
      meta: {
        events:
          '[{"name":"e","time_unix_nano":1727177156250000001,"attributes":{"n":1,"l":["a"]}}]',
        '_dd.span_links':
          '[{"trace_id":"66f2a1c48f3b0c5e9a7d4b21e6c8f013","span_id":"2b3c4d5e6f708192","attributes":{"k":"v"},"tracestate":"t=1","flags":1}]',
      },
    });
    expect(span.meta).toEqual({});
    expect(span.events).toEqual([
      { name: 'e', time: 1727177156250000001n, attributes: { n: 1, l: ['a'] } },
    ]);
    expect(span.links).toEqual([
      {
        traceId: { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n },
        spanId: 0x2b3c4d5e6f708192n,
        attributes: { k: 'v' },
        traceState: 't=1',
        flags: 1,
      },
    ]);
  });

  test('links in JSON with numeric ids, as Go writes them', () => {
    const span = decodeOne({
      meta: {
        '_dd.span_links':
          '[{"trace_id":7723052441653614999,"trace_id_high":7710341889827799040,"span_id":3,"flags":0}]',
      },
    });
    expect(span.links[0]).toMatchObject({
      traceId: { hi: 7710341889827799040n, lo: 7723052441653614999n },
      spanId: 3n,
    });
  });

  test.each(['[{"name":1}]', '{', '[{"name":"e","time_unix_nano":-5}]', '"text"'])(
    'events that cannot be read stay in meta: %s',
    (events) => {
      const { spans, outcome } = decodeChunk([wireSpan({ meta: { events } })]);
      expect(spans[0]).toMatchObject({ meta: { events }, events: [] });
      expect(outcome.malformedSpans).toEqual({ EventsInvalid: 1 });
    },
  );

  test('columns are copies of the attributes they come from', () => {
    const batch = new SpanBatch();
    const meta = {
      env: 'Prod',
      version: '1.2.3',
      'span.kind': 'server',
      'http.status_code': '502',
      'http.method': 'GET',
      function_arn: 'arn:aws:lambda:eu-west-1:123456789012:function:checkout:live',
      cold_start: 'true',
    };
    decodeRecord(
      record(
        'agent-v0.4-msgpack',
        agentV04([[wireSpan({ meta, metrics: { '_dd.measured': 1, '_dd.partial_version': 2 } })]]),
      ),
      batch,
    );
    const [span] = spansOf(batch);
    expect(span).toMatchObject({
      env: 'prod',
      version: '1.2.3',
      kind: 'server',
      functionName: 'checkout',
    });
    expect(span!.meta).toEqual({ ...meta, env: 'prod' });
    expect(span!.flags).toBe(SPAN_FLAGS.entry | SPAN_FLAGS.measured | SPAN_FLAGS.partial);
    expect(batch.httpStatus[0]).toBe(502);
    expect(batch.httpMethod.text(0)).toBe('GET');
    expect(batch.region.text(0)).toBe('eu-west-1');
    expect(batch.coldStart[0]).toBe(1);
  });
});

describe('the upper half of the trace id', () => {
  test.each([
    ['66f2a1c400000000', 0x66f2a1c400000000n],
    ['0000000000000042', 0x42n],
    ['7418169399418290176', 7418169399418290176n],
  ])('_dd.p.tid %s is taken out of meta', (tid, expected) => {
    const span = decodeOne({ meta: { '_dd.p.tid': tid } });
    expect(span.traceId.hi).toBe(expected);
    expect(span.meta).toEqual({});
  });

  test.each(['66F2A1C400000000', '66f2a1c40000000', 'x', ''])(
    '_dd.p.tid %j is ignored, kept and counted',
    (tid) => {
      const { spans, outcome } = decodeChunk([wireSpan({ meta: { '_dd.p.tid': tid } })]);
      expect(spans[0]).toMatchObject({ traceId: { hi: 0n }, meta: { '_dd.p.tid': tid } });
      expect(outcome.malformedSpans).toEqual({ TraceIDHighInvalid: 1 });
    },
  );

  test('otel.trace_id is preferred when it is about this trace', () => {
    const low = (1001).toString(16).padStart(16, '0');
    expect(traceHighOf({ '_dd.p.tid': '11', 'otel.trace_id': `66f2a1c48f3b0c5e${low}` })).toBe(
      0x66f2a1c48f3b0c5en,
    );
    expect(
      traceHighOf({ '_dd.p.tid': '11', 'otel.trace_id': `66f2a1c48f3b0c5e${'9'.repeat(16)}` }),
    ).toBe(11n);
  });

  test('one span states it for the whole chunk, other chunks go without', () => {
    const first = [
      wireSpan({ meta: { '_dd.p.tid': '66f2a1c400000000' } }),
      wireSpan({ span_id: 3 }),
    ];
    const { spans } = decode('agent-v0.4-msgpack', agentV04([[wireSpan({ trace_id: 5 })], first]));
    expect(spans.map((span) => span.traceId.hi)).toEqual([
      0n,
      0x66f2a1c400000000n,
      0x66f2a1c400000000n,
    ]);
  });

  test('a second value within a chunk is counted and kept in meta', () => {
    const { spans, outcome } = decodeChunk([
      wireSpan({ meta: { '_dd.p.tid': '66f2a1c400000000' } }),
      wireSpan({ span_id: 3, meta: { '_dd.p.tid': '66f2a1c500000000' } }),
    ]);
    expect(spans.map((span) => span.traceId.hi)).toEqual([
      0x66f2a1c400000000n,
      0x66f2a1c400000000n,
    ]);
    expect(spans[1]!.meta).toEqual({ '_dd.p.tid': '66f2a1c500000000' });
    expect(outcome.malformedSpans).toEqual({ TraceIDHighMismatch: 1 });
  });
});

describe('chunks', () => {
  test.each([
    ['TraceIDZero', [{ trace_id: 0 }]],
    ['SpanIDZero', [{}, { span_id: 0 }]],
    ['ForeignSpan', [{}, { span_id: 3, trace_id: 1002 }]],
  ])('%s drops the chunk and nothing else', (reason, items) => {
    const { spans, outcome } = decode(
      'agent-v0.4-msgpack',
      agentV04([
        [wireSpan({ name: 'before' })],
        items.map(wireSpan),
        [wireSpan({ name: 'after' })],
      ]),
    );
    expect(spans.map((span) => span.name)).toEqual(['before', 'after']);
    expect(outcome).toMatchObject({
      traces: 2,
      spans: 2,
      droppedTraces: { [reason]: 1 },
      droppedSpans: items.length,
    });
  });

  test('a repeated span id is kept and counted', () => {
    const { spans, outcome } = decodeChunk([wireSpan(), wireSpan()]);
    expect(spans).toHaveLength(2);
    expect(outcome.malformedSpans).toEqual({ DuplicateSpanID: 1 });
  });

  test('the priority of the root counts, else the first one there is', () => {
    const child = wireSpan({ span_id: 3, parent_id: 2002n, metrics: { _sampling_priority_v1: 2 } });
    expect(
      decodeChunk([child, rootSpan({ _sampling_priority_v1: -1 })]).spans.map(
        (span) => span.priority,
      ),
    ).toEqual([-1, -1]);
    expect(decodeChunk([child, rootSpan({})]).spans.map((span) => span.priority)).toEqual([2, 2]);
    const none = decodeChunk([rootSpan({})]);
    expect(none.spans[0]!.priority).toBeUndefined();
    expect(none.outcome.priorities).toEqual({ none: 1 });
  });

  test('entry spans are computed, unless the header says that they are marked', () => {
    const items = [
      wireSpan(),
      wireSpan({ span_id: 3, parent_id: 2002n }),
      wireSpan({ span_id: 4, parent_id: 3, service: 'carts-db' }),
      wireSpan({ span_id: 5, parent_id: 999, metrics: { '_dd.top_level': 1 } }),
      wireSpan({ span_id: 6, parent_id: 998 }),
    ];
    const entries = (headers: Record<string, string>): boolean[] =>
      decodeChunk(items, headers).spans.map((span) => (span.flags & SPAN_FLAGS.entry) !== 0);
    expect(entries({})).toEqual([true, false, true, true, true]);
    expect(entries({ 'datadog-client-computed-top-level': 'yes' })).toEqual([
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(entries({ 'datadog-client-computed-top-level': '0' })).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  test.each([
    ['t', true],
    ['true', true],
    ['', false],
    ['False', false],
  ])('the stats header %j', (value, expected) => {
    const [span] = decodeChunk([wireSpan()], { 'datadog-client-computed-stats': value }).spans;
    expect((span!.flags & SPAN_FLAGS.clientStats) !== 0).toBe(expected);
  });
});

describe('rules', () => {
  const NOW = BigInt(RECEIVED_MS) * 1_000_000n;
  const YEAR_2000 = 946_684_800_000_000_000n;

  test.each([
    [
      'a start in 1999',
      { start: YEAR_2000 - 1n, duration: 5 },
      { start: NOW - 5n, duration: 5 },
      { InvalidStartDate: 1 },
    ],
    ['a start in 2000', { start: YEAR_2000, duration: 5 }, { start: YEAR_2000, duration: 5 }, {}],
    ['a negative start', { start: -1n }, { start: NOW - 812_000_000n }, { InvalidStartDate: 1 }],
    ['a duration of −1', { duration: -1 }, { duration: 0 }, { InvalidDuration: 1 }],
    [
      'an end beyond 63 bits',
      { start: 2n ** 63n - 1n, duration: 1 },
      { start: 2n ** 63n - 1n, duration: 0 },
      { InvalidDuration: 1 },
    ],
    [
      'an end at 63 bits',
      { start: 2n ** 63n - 2n, duration: 1 },
      { start: 2n ** 63n - 2n, duration: 1 },
      {},
    ],
    [
      'a span that is its own parent and trace',
      { trace_id: 7, span_id: 7, parent_id: 7 },
      { parentId: undefined },
      {},
    ],
    ['no service', { service: '' }, { service: 'unnamed-service' }, { ServiceEmpty: 1 }],
    [
      'a service without a letter',
      { service: '###' },
      { service: 'unnamed-service' },
      { ServiceInvalid: 1 },
    ],
    [
      'a long service',
      { service: 'a'.repeat(101) },
      { service: 'a'.repeat(100) },
      { ServiceTruncate: 1 },
    ],
    ['no name', { name: '' }, { name: 'unnamed_operation' }, { SpanNameEmpty: 1 }],
    [
      'a name without a letter',
      { name: '12' },
      { name: 'unnamed_operation' },
      { SpanNameInvalid: 1 },
    ],
    ['a long name', { name: 'a'.repeat(101) }, { name: 'a'.repeat(100) }, { SpanNameTruncate: 1 }],
    ['no resource', { resource: '' }, { resource: 'web.request' }, { ResourceEmpty: 1 }],
    [
      'a long resource',
      { resource: 'é'.repeat(2501) },
      { resource: 'é'.repeat(2500) },
      { ResourceTruncate: 1 },
    ],
    ['a long type', { type: 'a'.repeat(101) }, { type: 'a'.repeat(100) }, { TypeTruncate: 1 }],
    [
      'an HTTP status of 600',
      { meta: { 'http.status_code': '600' } },
      { meta: {} },
      { InvalidHTTPStatusCode: 1 },
    ],
    [
      'an HTTP status in words',
      { meta: { 'http.status_code': 'OK' } },
      { meta: {} },
      { InvalidHTTPStatusCode: 1 },
    ],
    [
      'an HTTP status of 599',
      { meta: { 'http.status_code': '599' } },
      { meta: { 'http.status_code': '599' } },
      {},
    ],
    [
      'another service',
      { meta: { 'peer.service': 'Carts DB!' } },
      { meta: { 'peer.service': 'carts_db' } },
      {},
    ],
    [
      'no other service',
      { meta: { '_dd.base_service': '!!' } },
      { meta: {} },
      { PeerServiceInvalid: 1 },
    ],
    [
      'a value of 25,000 bytes',
      { meta: { k: 'a'.repeat(25_000) } },
      { meta: { k: 'a'.repeat(25_000) } },
      {},
    ],
    [
      'a value of 25,001 bytes',
      { meta: { k: 'a'.repeat(25_001) } },
      { meta: { k: `${'a'.repeat(25_000)}...` } },
      { MetaValueTruncate: 1 },
    ],
    [
      'an emoji on the cut',
      { meta: { k: `${'a'.repeat(24_998)}🐶` } },
      { meta: { k: `${'a'.repeat(24_998)}...` } },
      { MetaValueTruncate: 1 },
    ],
    [
      'long JSON of ours',
      { meta: { '_dd.x': 'a'.repeat(25_001) } },
      { meta: { '_dd.x': 'a'.repeat(25_001) } },
      {},
    ],
    [
      'a key of 201 bytes',
      { meta: { ['k'.repeat(201)]: 'v' } },
      { meta: { [`${'k'.repeat(200)}...`]: 'v' } },
      { MetaKeyTruncate: 1 },
    ],
    [
      'a key of 200 bytes',
      { meta: { ['k'.repeat(200)]: 'v' } },
      { meta: { ['k'.repeat(200)]: 'v' } },
      {},
    ],
    [
      'a metric key of 201 bytes',
      { metrics: { ['k'.repeat(201)]: 1 } },
      { metrics: { [`${'k'.repeat(200)}...`]: 1 } },
      { MetaKeyTruncate: 1 },
    ],
  ] as const)('%s', (_name, fields, expected, counted) => {
    const { spans, outcome } = decodeChunk([wireSpan(fields)]);
    for (const [key, value] of Object.entries(expected))
      expect(spans[0]![key as 'meta']).toEqual(value);
    expect(outcome.malformedSpans).toEqual(counted);
  });

  test('a service without a name is named for the language', () => {
    const { spans } = decodeChunk([wireSpan({ service: '' })], { 'datadog-meta-lang': 'nodejs' });
    expect(spans[0]!.service).toBe('unnamed-nodejs-service');
  });
});

describe('v0.5', () => {
  const strings = ['', 'checkout', 'web.request', 'GET /', 'k', 'v', 'checkout'];
  const good = [
    1,
    2,
    3,
    5n,
    6n,
    0,
    1_727_177_156_250_000_000n,
    1,
    0,
    new Map([[4, 5]]),
    new Map([[4, 1.5]]),
    0,
  ];

  test('duplicate texts in the table are harmless', () => {
    const { spans } = decode(
      'agent-v0.5-msgpack',
      pack([strings, [[good], [[6, ...good.slice(1)]]]]),
    );
    expect(spans.map((span) => span.service)).toEqual(['checkout', 'checkout']);
    expect(spans[0]).toMatchObject({ meta: { k: 'v' }, metrics: { k: 1.5 } });
  });

  test.each([
    ['11 elements', good.slice(0, 11)],
    ['13 elements', [...good, 0]],
    ['a text beyond the table', [7, ...good.slice(1)]],
    ['a key beyond the table', [...good.slice(0, 9), new Map([[7, 5]]), new Map(), 0]],
  ])('%s is refused', (_name, span) => {
    expect(() => decode('agent-v0.5-msgpack', pack([strings, [[span]]]))).toThrow(DecodeError);
  });
});

describe('agentless JSON', () => {
  test.each([
    ['seconds', 1_727_177_156, 1_727_177_156_000_000_000n, true],
    ['milliseconds', 1_727_177_156_250, 1_727_177_156_250_000_000n, false],
    ['microseconds', 1_727_177_156_250_001, 1_727_177_156_250_001_000n, false],
    ['nanoseconds', 1_727_177_156_250_001_002n, 1_727_177_156_250_001_002n, false],
  ])('start in %s', (_unit, start, expected, coarse) => {
    const { spans } = decode('agentless-json', agentlessBody(start));
    expect(spans[0]).toMatchObject({
      start: expected,
      duration: 1_500_000,
      spanId: 0x2b3c4d5e6f708192n,
      env: 'prod',
    });
    expect(spans[0]!.parentId).toBeUndefined();
    const envelope = JSON.parse(spans[0]!.envelope) as Record<string, unknown>;
    expect(envelope['coarse_clock']).toBe(coarse ? true : undefined);
    expect(envelope).toMatchObject({ language: 'nodejs', hostname: 'h' });
  });
});
