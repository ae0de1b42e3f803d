import { describe, expect, test } from 'vitest';
import { decode } from '../sample-spans.test.support.ts';
import { MsgpackWriter } from '../wire/msgpack-writer.ts';

/** A value to write: `[…]` an array, `Map` a map, bigint and number integers, `double` a double. */
type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Map<unknown, unknown>
  | { double: number }
  | readonly unknown[];

/** Writes values as they stand: texts are literal, references are numbers. */
function body(value: unknown): Uint8Array {
  const writer = new MsgpackWriter();
  write(writer, value as Value);
  return writer.out.view();
}

function write(writer: MsgpackWriter, value: Value): void {
  if (value === null) writer.nil();
  else if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'number') writer.int(value);
  else if (typeof value === 'bigint') writer.bigint(value);
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (value instanceof Uint8Array) writer.binary(value);
  else if (value instanceof Map) {
    writer.map(value.size);
    for (const [key, item] of value) {
      write(writer, key as Value);
      write(writer, item as Value);
    }
  } else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const item of value) write(writer, item as Value);
  } else writer.double((value as { double: number }).double);
}

const TRACE_ID = Buffer.from('66f2a1c48f3b0c5e9a7d4b21e6c8f013', 'hex');
const START = 1_727_177_156_250_000_000n;

/** Fields that every span needs, behind `first`. */
function spanMap(...first: [number, unknown][]): Map<number, unknown> {
  return new Map<number, unknown>([...first, [4, 7n], [6, START], [7, 5]]);
}

function payload(chunk: [number, unknown][], ...before: [number, unknown][]): Uint8Array {
  return body(
    new Map<number, unknown>([
      ...before,
      [11, [new Map<number, unknown>([...chunk, [6, TRACE_ID]])]],
    ]),
  );
}

describe('agent traces v1.0', () => {
  test('texts are numbered as they stream by, wherever they are', () => {
    // 1 = "s", 2 = "op", 3 = "k", 4 = "v"
    const span = spanMap([9, ['k0', 1, 's0']], [1, 's'], [2, 'op'], [3, 3]);
    const { spans } = decode('agent-v1.0-msgpack', payload([[4, [span]]]));
    expect(spans[0]).toMatchObject({ service: 's', name: 'op', resource: 's', meta: { k0: 's0' } });
  });

  test('a text that is repeated literally takes a new number', () => {
    // 1 = "a", 2 = "a" again, 3 = "b"
    const span = spanMap([1, 'a'], [2, 'a'], [3, 'b'], [10, 3]);
    const { spans } = decode('agent-v1.0-msgpack', payload([[4, [span]]]));
    expect(spans[0]).toMatchObject({ service: 'a', name: 'a', resource: 'b', type: 'b' });
  });

  test('texts inside a key that is not known take numbers too, map keys included', () => {
    // 1 = "x", 2 = "y", 3 = "z", 4 = "svc"
    const span = spanMap([99, [new Map([['x', ['y']]]), 'z']], [1, 'svc'], [2, 3], [3, 4]);
    const { spans } = decode('agent-v1.0-msgpack', payload([[4, [span]]]));
    expect(spans[0]).toMatchObject({ service: 'svc', name: 'z', resource: 'svc' });
  });

  test('chunks before the texts they refer to are read as if they came after what is about them', () => {
    // The chunks come first and define 1 = "svc"; language refers to it, hostname is new.
    const chunk = new Map<number, unknown>([
      [4, [spanMap([1, 'svc'], [2, 'op'])]],
      [7, 4],
      [6, TRACE_ID],
    ]);
    const { spans, outcome } = decode(
      'agent-v1.0-msgpack',
      body(
        new Map<number, unknown>([
          [11, [chunk]],
          [3, 1],
          [8, 'host-1'],
        ]),
      ),
    );
    expect(spans[0]).toMatchObject({ service: 'svc', name: 'op', meta: { '_dd.p.dm': '-4' } });
    expect(JSON.parse(spans[0]!.envelope)).toEqual({
      language: 'svc',
      hostname: 'host-1',
      sampling_mechanism: 4,
    });
    expect(outcome.language).toBe('svc');
  });

  test('every attribute type has its place', () => {
    const attributes = [
      'text',
      1,
      'v',
      'flag',
      2,
      true,
      'double',
      3,
      { double: 1 },
      'int',
      4,
      7,
      'big',
      4,
      9007199254740993n,
      'bin',
      5,
      Uint8Array.of(1, 2),
      'list',
      6,
      [1, 'a', 4, 2, 3, { double: 2 }, 6, [2, false]],
      'map',
      7,
      ['n', 4, -1, 'm', 7, []],
    ];
    const { spans } = decode(
      'agent-v1.0-msgpack',
      payload([[4, [spanMap([9, attributes], [1, 's'], [2, 'op'], [3, 'r'])]]]),
    );
    expect(spans[0]!.meta).toEqual({
      text: 'v',
      flag: 'true',
      list: '["a",2,2.0,[false]]',
      map: '{"n":-1,"m":{}}',
    });
    expect(spans[0]!.metrics).toEqual({ double: 1, int: 7, big: 9007199254740992 });
    expect(spans[0]!.binary).toEqual({ bin: Uint8Array.of(1, 2) });
    expect(spans[0]!.typed).toEqual({
      flag: 'bool',
      int: 'int',
      big: 'int:9007199254740993',
      list: 'json',
      map: 'json',
    });
  });

  test('the id, priority, origin and attributes of a chunk are those of its spans', () => {
    const { spans } = decode(
      'agent-v1.0-msgpack',
      payload(
        [
          [1, 2],
          [2, 'lambda'],
          [3, ['service', 1, 'other', 'tier', 1, 'gold', 'k', 1, 'chunk']],
          [4, [spanMap([1, 's'], [2, 'n'], [9, ['k', 1, 'own']])]],
        ],
        [10, ['_dd.apm_mode', 1, 'edge']],
      ),
    );
    expect(spans[0]).toMatchObject({
      traceId: { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n },
      priority: 2,
      service: 's',
      meta: { k: 'own', tier: 'gold', '_dd.origin': 'lambda', '_dd.apm_mode': 'edge' },
    });
  });

  test('env, version, component and kind become attributes', () => {
    const { spans } = decode(
      'agent-v1.0-msgpack',
      payload([
        [4, [spanMap([1, 's'], [2, 'n'], [13, 'prod'], [14, '1.0'], [15, 'http'], [16, 3])]],
      ]),
    );
    expect(spans[0]).toMatchObject({
      env: 'prod',
      version: '1.0',
      kind: 'client',
      meta: { env: 'prod', version: '1.0', component: 'http', 'span.kind': 'client' },
    });
  });

  test('a nil span is an empty map: its chunk is dropped, its neighbour stays', () => {
    const chunks = [
      new Map<number, unknown>([
        [6, TRACE_ID],
        [4, [new Map()]],
      ]),
      new Map<number, unknown>([
        [6, TRACE_ID],
        [4, [spanMap([1, 's'], [2, 'n'])]],
      ]),
    ];
    const { spans, outcome } = decode('agent-v1.0-msgpack', body(new Map([[11, chunks]])));
    expect(spans).toHaveLength(1);
    expect(outcome.droppedTraces).toEqual({ MissingStart: 1 });
  });

  test.each([
    ['15 bytes', Buffer.alloc(15, 1)],
    ['all zero', Buffer.alloc(16)],
  ])('a trace id of %s drops the chunk', (_name, id) => {
    const chunk = new Map<number, unknown>([
      [6, id],
      [4, [spanMap([1, 's'])]],
    ]);
    const { outcome } = decode('agent-v1.0-msgpack', body(new Map([[11, [chunk]]])));
    expect(outcome).toMatchObject({ traces: 0, spans: 0, droppedTraces: { TraceIDZero: 1 } });
  });

  test('key 1 belongs to another form', () => {
    expect(() => decode('agent-v1.0-msgpack', body(new Map([[1, ['']]])))).toThrow(/key 1/);
  });

  test('a reference to a text that did not come is refused', () => {
    expect(() => decode('agent-v1.0-msgpack', body(new Map([[2, 1]])))).toThrow(
      /reference to text 1, of 1 so far/,
    );
    expect(() =>
      decode(
        'agent-v1.0-msgpack',
        body(
          new Map<number, unknown>([
            [2, 'a'],
            [3, 1],
          ]),
        ),
      ),
    ).not.toThrow();
  });

  test('lists and maps are read to 16 levels and refused beyond', () => {
    const nested = (levels: number): unknown[] =>
      levels === 1 ? [] : ['k', 7, nested(levels - 1)];
    const withMap = (levels: number): Uint8Array =>
      payload([[4, [spanMap([9, ['m', 7, nested(levels)]], [1, 's'], [2, 'n'])]]]);
    expect(decode('agent-v1.0-msgpack', withMap(16)).spans).toHaveLength(1);
    expect(() => decode('agent-v1.0-msgpack', withMap(17))).toThrow(/deeper than 16/);
  });
});
