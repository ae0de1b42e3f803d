// Where each AWS call has room for trace headers. Inputs are never changed, only copied: they are the function's own, and may be
// sent again.
import type { Carrier } from '../context/headers.ts';
import { textOf } from '../loose.ts';
import { insertMember } from './insert-json.ts';

type Input = Readonly<Record<string, unknown>>;
type Inject = (input: Input, carrier: Carrier) => Input;

const attributeLimit = 10;
const messageLimit = 1_048_576;
const recordLimit = 1_048_576;
const eventsLimit = 1_048_576;
const clientContextLimit = 3583;

/** By client and command, without their suffixes. */
export const awsCarriers: Readonly<Record<string, Inject>> = {
  'SQS.SendMessage': (input, carrier) => withAttribute(input, carrier, 'MessageBody', false),
  'SQS.SendMessageBatch': (input, carrier) =>
    each(input, 'Entries', (one) => withAttribute(one, carrier, 'MessageBody', false)),
  'SQS.ReceiveMessage': askForAttribute,
  'SNS.Publish': (input, carrier) => withAttribute(input, carrier, 'Message', true),
  'SNS.PublishBatch': (input, carrier) =>
    each(input, 'PublishBatchRequestEntries', (one) =>
      withAttribute(one, carrier, 'Message', true),
    ),
  'Kinesis.PutRecord': inRecord,
  'Kinesis.PutRecords': (input, carrier) => each(input, 'Records', (one) => inRecord(one, carrier)),
  'EventBridge.PutEvents': inEvents,
  'Lambda.Invoke': inClientContext,
  'SFN.StartExecution': (input, carrier) => inText(input, 'input', carrier),
  'SFN.StartSyncExecution': (input, carrier) => inText(input, 'input', carrier),
};

function each(input: Input, list: string, change: (one: Input) => Input): Input {
  const entries = input[list];
  return Array.isArray(entries) ? { ...input, [list]: (entries as Input[]).map(change) } : input;
}

/** SNS gets bytes: text that is JSON would break the filter policies of its subscribers. */
function withAttribute(input: Input, carrier: Carrier, body: string, binary: boolean): Input {
  const attributes = (input['MessageAttributes'] ?? {}) as Input;
  const text = JSON.stringify(carrier);
  const message = input[body];
  const size = Buffer.byteLength(JSON.stringify(attributes)) + text.length;
  if ('_datadog' in attributes || Object.keys(attributes).length >= attributeLimit) return input;
  if (typeof message === 'string' && Buffer.byteLength(message) + size > messageLimit) return input;
  const attribute = binary
    ? { DataType: 'Binary', BinaryValue: new Uint8Array(Buffer.from(text)) }
    : { DataType: 'String', StringValue: text };
  return { ...input, MessageAttributes: { ...attributes, _datadog: attribute } };
}

function askForAttribute(input: Input): Input {
  const names = Array.isArray(input['MessageAttributeNames'])
    ? (input['MessageAttributeNames'] as string[])
    : [];
  if (names.some((name) => /^(?:_datadog|\.\*|All)$/.test(name))) return input;
  return { ...input, MessageAttributeNames: [...names, '_datadog'] };
}

function inRecord(input: Input, carrier: Carrier): Input {
  const data = input['Data'];
  if (!(data instanceof Uint8Array)) return input;
  const text = Buffer.from(data).toString();
  const inserted = insertMember(text, '_datadog', carrier);
  if (inserted === undefined) return input;
  const bytes = new Uint8Array(Buffer.from(inserted));
  const key = textOf(input['PartitionKey']) ?? '';
  return bytes.length + Buffer.byteLength(key) > recordLimit ? input : { ...input, Data: bytes };
}

function inEvents(input: Input, carrier: Carrier): Input {
  const changed = each(input, 'Entries', (one) => inText(one, 'Detail', carrier));
  const entries = changed['Entries'];
  let size = 0;
  for (const entry of Array.isArray(entries) ? (entries as Input[]) : []) {
    size += entry['Time'] === undefined ? 0 : 14;
    for (const field of ['Source', 'DetailType', 'Detail']) {
      size += Buffer.byteLength(textOf(entry[field]) ?? '');
    }
    for (const one of (entry['Resources'] ?? []) as string[]) size += Buffer.byteLength(one);
  }
  return size >= eventsLimit ? input : changed;
}

function inClientContext(input: Input, carrier: Carrier): Input {
  const given = input['ClientContext'];
  let context: Record<string, unknown> = {};
  if (typeof given === 'string') {
    const parsed: unknown = JSON.parse(Buffer.from(given, 'base64').toString());
    if (typeof parsed !== 'object' || parsed === null) return input;
    context = parsed as Record<string, unknown>;
  }
  const custom = { ...(context['custom'] as object | undefined), ...carrier };
  const text = Buffer.from(JSON.stringify({ ...context, custom })).toString('base64');
  return text.length > clientContextLimit ? input : { ...input, ClientContext: text };
}

function inText(input: Input, field: string, carrier: Carrier): Input {
  const text = input[field];
  const inserted = typeof text === 'string' ? insertMember(text, '_datadog', carrier) : undefined;
  return inserted === undefined ? input : { ...input, [field]: inserted };
}
