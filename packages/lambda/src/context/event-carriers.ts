// Where each kind of event keeps the trace headers of whoever caused it.
import { fromBase64, isObject, parseObject, textOf, type Loose } from '../loose.ts';
import { readAuthorizer } from './authorizer.ts';
import { durableCarrier } from './durable.ts';
import { carrierOf, extractContext } from './headers.ts';
import { readStepFunctions } from './step-functions.ts';
import { linkTo, type SpanLink, type TraceContext } from './trace-context.ts';
import { contextInXRay } from './xray-header.ts';

/** How many spans one invocation can be linked to. */
const linkLimit = 128;
/** How much of a batch is read for links: beyond it the rest of the batch goes without. */
const linkBytes = 262_144;
/** The largest message body that is read for a carrier: what SQS lets through. */
const bodyLimit = 1_048_576;

/** The one context an event names as parent: the first matching kind of event decides, even if it holds none. */
export function contextOfEvent(event: unknown, decodeAuthorizer = true): TraceContext | undefined {
  if (!isObject(event)) return undefined;
  if (textOf(event['DurableExecutionArn']) !== undefined)
    return extractContext(durableCarrier(event));
  // Messages of a WebSocket have no headers, but they have what its authorizer left.
  const authorized = decodeAuthorizer ? readAuthorizer(event) : undefined;
  const passedOn = authorized === undefined ? undefined : extractContext(authorized.carrier);
  if (passedOn !== undefined) return passedOn;
  const headers = event['headers'] ?? event['multiValueHeaders'];
  if (isObject(headers)) return extractContext(headers);
  const record = firstRecord(event);
  if (record?.['Sns'] !== undefined) return contextOfSns(record['Sns']);
  if (isSqs(record)) {
    // `info.selectionSetGraphQL` beside SQS records cannot be: the order of the two tests does not matter.
    return contextOfSqs(record!);
  }
  if (event['info']?.['selectionSetGraphQL'] !== undefined) {
    return extractContext(event['request']?.['headers']);
  }
  const batched = Array.isArray(event) ? (event[0] as Loose | undefined) : undefined;
  if (batched?.['info']?.['selectionSetGraphQL'] !== undefined) {
    return extractContext(batched['request']?.['headers']);
  }
  if (record?.['kinesis'] !== undefined) return contextOfKinesis(record);
  if (event['detail-type'] !== undefined) return fromCarrier(event['detail']?.['_datadog']);
  if (isKafka(event)) return contextOfKafka(event);
  return undefined;
}

/** The contexts of the other records of a batch, as links. */
export function linksOfBatch(event: unknown, parent: TraceContext | undefined): SpanLink[] {
  const records: unknown = isObject(event) ? event['Records'] : undefined;
  if (!Array.isArray(records) || records.length < 2) return [];
  const read = isSqs(firstRecord(event as Loose))
    ? contextOfSqs
    : isObject(records[0]) && 'kinesis' in records[0]
      ? contextOfKinesis
      : undefined;
  if (read === undefined) return [];
  const links: SpanLink[] = [];
  let bytes = linkBytes;
  const seen = new Set([String(parent?.spanId)]);
  for (let index = 1; index < records.length && index <= linkLimit; index++) {
    const record = records[index] as unknown;
    if (!isObject(record)) continue;
    bytes -= (textOf(record['body']) ?? textOf(record['kinesis']?.['data']) ?? '').length;
    if (bytes < 0) break;
    const context = read(record);
    if (context === undefined || seen.has(String(context.spanId))) continue;
    seen.add(String(context.spanId));
    links.push(linkTo(context, { 'messaging.batch.index': String(index) }));
  }
  return links;
}

/** SNS writes a carrier as text or as base64, depending on the attribute's type. */
function contextOfSns(sns: Loose | undefined): TraceContext | undefined {
  const attribute = sns?.['MessageAttributes']?.['_datadog'];
  if (attribute !== undefined) {
    const value = attribute['Value'];
    const isText = textOf(attribute['Type'])?.startsWith('String') === true;
    const found = fromCarrier(parseObject(isText ? value : fromBase64(value)));
    if (found !== undefined) return found;
  } else {
    const message: unknown = sns?.['Message'];
    if (typeof message === 'string' && message.includes('"detail-type"')) {
      const found = fromCarrier(parseObject(message, bodyLimit)?.['detail']?.['_datadog']);
      if (found !== undefined) return found;
    }
  }
  return contextInXRay(process.env['_X_AMZN_TRACE_ID']);
}

function contextOfSqs(record: Loose): TraceContext | undefined {
  const body = wrappedBody(record);
  if (textOf(body?.['Type']) === 'Notification' && body?.['TopicArn']) {
    const attribute = body['MessageAttributes']?.['_datadog'];
    const message: unknown = body['Message'];
    const isText = textOf(attribute?.['Type'])?.startsWith('String') === true;
    const value = attribute?.['Value'];
    const found =
      fromCarrier(parseObject(isText ? value : fromBase64(value))) ??
      (typeof message === 'string' && message.includes('"detail-type"')
        ? fromCarrier(parseObject(message, bodyLimit)?.['detail']?.['_datadog'])
        : undefined);
    if (found !== undefined) return found;
  } else if (body?.['detail-type'] !== undefined) {
    const found = fromCarrier(body['detail']?.['_datadog']);
    if (found !== undefined) return found;
  }
  const attribute = record['messageAttributes']?.['_datadog'];
  return (
    fromCarrier(parseObject(attribute?.['stringValue'])) ??
    fromCarrier(parseObject(fromBase64(attribute?.['binaryValue']))) ??
    contextInXRay(record['attributes']?.['AWSTraceHeader'])
  );
}

function contextOfKinesis(record: Loose): TraceContext | undefined {
  const data: unknown = record['kinesis']?.['data'];
  const text = fromBase64(data, bodyLimit * 2);
  return text?.includes('"_datadog"') === true
    ? fromCarrier(parseObject(text, bodyLimit)?.['_datadog'])
    : undefined;
}

/** Kafka: the first record that has a context, and no more than a few are looked at. */
function contextOfKafka(event: Loose): TraceContext | undefined {
  let looks = 16;
  const topics = isObject(event['records']) ? Object.values(event['records']) : [];
  for (const records of topics as unknown[]) {
    if (!Array.isArray(records)) continue;
    for (const record of records as (Loose | undefined)[]) {
      if (looks-- === 0) return undefined;
      const found = extractContext(kafkaHeaders(record?.['headers']));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Header values are bytes: a list of numbers, of their decimal texts, or an object of those by index. */
function kafkaHeaders(headers: unknown): Record<string, string> {
  const carrier: Record<string, string> = {};
  if (!Array.isArray(headers)) return carrier;
  for (const one of (headers as unknown[]).slice(0, 64)) {
    if (!isObject(one)) continue;
    for (const [name, bytes] of Object.entries(one) as [string, unknown][]) {
      const list = isObject(bytes) ? Object.values(bytes).slice(0, 8192) : [];
      carrier[name.toLowerCase()] = Buffer.from(list.map(Number)).toString();
    }
  }
  return carrierOf(carrier);
}

/** A carrier of a message; a state machine that published it itself leaves its context object instead. */
function fromCarrier(carrier: Loose | undefined): TraceContext | undefined {
  if (!isObject(carrier)) return undefined;
  return extractContext(carrier) ?? readStepFunctions(carrier)?.context;
}

/** The first record of an event that has any. */
export function firstRecord(event: Loose): Loose | undefined {
  const records: unknown = event['Records'];
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  return isObject(first) ? first : undefined;
}

/** Whether a record came from a queue of SQS. */
export function isSqs(record: Loose | undefined): boolean {
  return textOf(record?.['eventSource']) === 'aws:sqs';
}

/** Whether an event holds records of Kafka. */
export function isKafka(event: Loose): boolean {
  return /^(?:aws:kafka|SelfManagedKafka)$/.test(textOf(event['eventSource']) ?? '');
}

/** A queue's message that another service put there: its envelope. Other bodies are not parsed. */
export function wrappedBody(record: Loose): Loose | undefined {
  const body: unknown = record['body'];
  if (
    typeof body !== 'string' ||
    !/"(?:TopicArn|detail-type|detail)"/.test(body.slice(0, bodyLimit))
  ) {
    return undefined;
  }
  return parseObject(body, bodyLimit);
}
