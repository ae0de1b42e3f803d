import { expect, test } from 'vitest';
import { encodeAgentPayload } from '../encode/encode-agent-payload.ts';
import { decode, span } from '../sample-spans.test.support.ts';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';

/** Field 4 as old agents fill it: a lone span, copied from field 2 of a legacy trace. */
function transaction(spanId: number, name: string): Uint8Array {
  const writer = new ProtobufWriter();
  writer.message(4, () => {
    writer.string(1, 'checkout');
    writer.string(2, name);
    writer.integer(4, 5n);
    writer.integer(5, spanId);
    writer.integer(7, 1_727_177_156_250_000_000n);
  });
  return writer.finish();
}

test('fields 3, 4, 5 and 11 of one payload are all decoded, and unknown fields passed over', () => {
  const unknown = new ProtobufWriter();
  unknown.string(99, 'later');
  unknown.fixed64(98, 1n);
  const body = Buffer.concat([
    encodeAgentPayload([span({ name: 'legacy' })], { form: 'legacy' }),
    transaction(9, 'lone'),
    unknown.finish(),
    encodeAgentPayload([span({ name: 'tracer' })]),
    encodeAgentPayload([span({ name: 'indexed' })], { form: 'indexed' }),
  ]);
  const { spans, outcome } = decode('agent-payload-protobuf', body);
  expect(spans.map((item) => item.name)).toEqual(['legacy', 'tracer', 'indexed', 'lone']);
  expect(outcome).toMatchObject({ traces: 4, spans: 4 });
});

test('a lone span that came with its trace is not taken twice', () => {
  const trace = encodeAgentPayload([
    span({ traceId: { hi: 0n, lo: 5n }, spanId: 9n, name: 'whole' }),
  ]);
  const { spans } = decode(
    'agent-payload-protobuf',
    Buffer.concat([transaction(9, 'copy'), trace, transaction(10, 'lone')]),
  );
  expect(spans.map((item) => item.name)).toEqual(['whole', 'lone']);
});

test('what the payload states after its spans is true for them', () => {
  const trace = encodeAgentPayload([span()]);
  const outer = new ProtobufWriter();
  outer.string(1, 'node-1');
  outer.string(2, 'prod');
  outer.message(6, () => {
    outer.string(1, '_dd.tags.function');
    outer.string(2, 'team:payments');
  });
  outer.string(7, '7.79.1');
  const { spans } = decode('agent-payload-protobuf', Buffer.concat([trace, outer.finish()]));
  expect(spans[0]).toMatchObject({ env: 'prod', meta: { '_dd.tags.function': 'team:payments' } });
  expect(JSON.parse(spans[0]!.envelope)).toEqual({
    hostname: 'node-1',
    env: 'prod',
    agent_version: '7.79.1',
    agent_tags: { '_dd.tags.function': 'team:payments' },
  });
});

test("the agent's marks of entry spans are trusted where it made any", () => {
  const root = span({ metrics: { _top_level: 1 } });
  const orphan = span({ spanId: 8n, parentId: 99n });
  const { spans } = decode('agent-payload-protobuf', encodeAgentPayload([root, orphan]));
  expect(spans.map((item) => item.flags)).toEqual([1, 0]);
  const unmarked = decode('agent-payload-protobuf', encodeAgentPayload([span(), orphan])).spans;
  expect(unmarked.map((item) => item.flags)).toEqual([1, 1]);
});

test('a field with another layout is refused with its number', () => {
  const writer = new ProtobufWriter();
  writer.message(5, () => writer.message(6, () => writer.message(3, () => writer.double(1, 1))));
  expect(() => decode('agent-payload-protobuf', writer.finish())).toThrow(
    /field 1 has wire type 1, expected 2/,
  );
});

test('an indexed payload that refers to a text it does not have is refused', () => {
  const writer = new ProtobufWriter();
  writer.message(11, () => {
    writer.always(1, '');
    writer.integer(2, 1);
  });
  expect(() => decode('agent-payload-protobuf', writer.finish())).toThrow(
    /text 1 is beyond the 1 texts/,
  );
});
