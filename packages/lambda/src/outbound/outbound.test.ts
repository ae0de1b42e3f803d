import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { awsCarriers } from './aws-carriers.ts';
import { insertMember } from './insert-json.ts';

const carrier = { 'x-datadog-trace-id': '111' };
const text = JSON.stringify(carrier);

function inject(call: string, input: object): Record<string, unknown> {
  const before = JSON.stringify(input);
  const result = awsCarriers[call]!(Object.freeze({ ...input }), carrier);
  // What the function passed in is its own: it may send it again.
  expect(JSON.stringify(input)).toBe(before);
  return result;
}

function attributes(count: number): object {
  const names = Array.from({ length: count }, (_, i) => `a${i}`);
  return Object.fromEntries(names.map((name) => [name, { DataType: 'String', StringValue: 'v' }]));
}

function bytes(data: unknown): string {
  return Buffer.from(data as Uint8Array).toString();
}

function decoded(input: Record<string, unknown>): unknown {
  return JSON.parse(Buffer.from(input['ClientContext'] as string, 'base64').toString());
}

describe('insertMember()', () => {
  test('changes nothing else, not even numbers too large for JavaScript', () => {
    expect(insertMember('{"id":12345678901234567890 }', 'x', 1)).toBe(
      '{"id":12345678901234567890,"x":1}',
    );
    expect(insertMember(' { } ', 'x', 1)).toBe(' {"x":1}');
  });

  test.each(['[1]', '"text"', '1', '', '{', '{"a":1}}', 'x}', '{"x":1}'])(
    'leaves %s alone',
    (json) => {
      expect(insertMember(json, 'x', 1)).toBeUndefined();
    },
  );

  test('adds exactly one member to any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        fc.pre(!('_datadog' in object));
        const json = JSON.stringify(object);
        fc.pre(!json.includes('"_datadog"'));
        const inserted = insertMember(json, '_datadog', carrier);
        expect(JSON.parse(inserted ?? '')).toEqual({
          ...(JSON.parse(json) as object),
          _datadog: carrier,
        });
      }),
    );
  });
});

describe('trace headers', () => {
  test('go into every message of SQS as text, if there is room for one more attribute', () => {
    const attribute = { DataType: 'String', StringValue: text };
    expect(inject('SQS.SendMessage', { MessageBody: 'b' })['MessageAttributes']).toEqual({
      _datadog: attribute,
    });
    const nine = inject('SQS.SendMessage', { MessageBody: 'b', MessageAttributes: attributes(9) });
    expect(Object.keys(nine['MessageAttributes'] as object).length).toBe(10);
    const ten = inject('SQS.SendMessage', { MessageBody: 'b', MessageAttributes: attributes(10) });
    expect(ten['MessageAttributes']).toEqual(attributes(10));
    const batch = inject('SQS.SendMessageBatch', {
      Entries: [
        { Id: '1', MessageBody: 'b' },
        { Id: '2', MessageBody: 'b' },
      ],
    });
    expect(batch['Entries']).toEqual([
      { Id: '1', MessageBody: 'b', MessageAttributes: { _datadog: attribute } },
      { Id: '2', MessageBody: 'b', MessageAttributes: { _datadog: attribute } },
    ]);
    const full = { MessageBody: 'b'.repeat(1_048_576) };
    expect(inject('SQS.SendMessage', full)).toEqual(full);
  });

  test('are asked for when messages are received', () => {
    expect(inject('SQS.ReceiveMessage', {})['MessageAttributeNames']).toEqual(['_datadog']);
    expect(
      inject('SQS.ReceiveMessage', { MessageAttributeNames: ['own'] })['MessageAttributeNames'],
    ).toEqual(['own', '_datadog']);
    expect(
      inject('SQS.ReceiveMessage', { MessageAttributeNames: ['All'] })['MessageAttributeNames'],
    ).toEqual(['All']);
  });

  test('go into messages of SNS as bytes: text would break filter policies', () => {
    const sent = inject('SNS.Publish', { Message: 'm' })['MessageAttributes'] as {
      _datadog: { DataType: string; BinaryValue: Uint8Array };
    };
    expect(sent['_datadog'].DataType).toBe('Binary');
    expect(Buffer.from(sent['_datadog'].BinaryValue).toString()).toBe(text);
    expect(
      inject('SNS.PublishBatch', { PublishBatchRequestEntries: [{ Message: 'm' }] })[
        'PublishBatchRequestEntries'
      ],
    ).toMatchObject([{ MessageAttributes: { _datadog: { DataType: 'Binary' } } }]);
  });

  test('go into records of Kinesis that are JSON', () => {
    expect(bytes(inject('Kinesis.PutRecord', { Data: Buffer.from('{"a":1}') })['Data'])).toBe(
      `{"a":1,"_datadog":${text}}`,
    );
    expect(bytes(inject('Kinesis.PutRecord', { Data: Buffer.from('plain') })['Data'])).toBe(
      'plain',
    );
    const [first, second] = inject('Kinesis.PutRecords', {
      Records: [{ Data: Buffer.from('{}') }, { Data: Buffer.from('[1]') }],
    })['Records'] as { Data: unknown }[];
    expect([bytes(first?.Data), bytes(second?.Data)]).toEqual([`{"_datadog":${text}}`, '[1]']);
  });

  test('go into details of EventBridge, unless the request gets too large', () => {
    const entry = { Source: 's', DetailType: 'T', Detail: '{"a":1}' };
    expect(inject('EventBridge.PutEvents', { Entries: [entry] })['Entries']).toEqual([
      { ...entry, Detail: `{"a":1,"_datadog":${text}}` },
    ]);
    const large = { Entries: [{ ...entry, Detail: JSON.stringify({ a: 'x'.repeat(1_048_560) }) }] };
    expect(inject('EventBridge.PutEvents', large)).toEqual(large);
  });

  test('go into the client context of a call, beside what is there, up to what AWS takes', () => {
    expect(
      decoded(inject('Lambda.Invoke', { FunctionName: 'f', InvocationType: 'Event' })),
    ).toEqual({ custom: carrier });
    const own = Buffer.from('{"client":{"a":1},"custom":{"b":2}}').toString('base64');
    expect(decoded(inject('Lambda.Invoke', { ClientContext: own }))).toEqual({
      client: { a: 1 },
      custom: { b: 2, ...carrier },
    });
    const full = {
      ClientContext: Buffer.from(JSON.stringify({ custom: { a: 'x'.repeat(2650) } })).toString(
        'base64',
      ),
    };
    expect(inject('Lambda.Invoke', full)).toEqual(full);
  });

  test('go into the input of a state machine that is an object', () => {
    expect(inject('SFN.StartExecution', { input: '{}' })['input']).toBe(`{"_datadog":${text}}`);
    expect(inject('SFN.StartSyncExecution', { input: '[1]' })['input']).toBe('[1]');
    expect(inject('SFN.StartExecution', {})).toEqual({});
  });
});
