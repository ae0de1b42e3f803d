import { createHash } from 'node:crypto';
import { asText, base64, fullPlace, newId, type Place } from './place.ts';

/** A message's attribute: text, or bytes. */
export type MessageAttributes = Readonly<Record<string, string | Uint8Array>>;

/** One SQS message. */
export interface SqsMessage {
  readonly body: unknown;
  readonly attributes?: MessageAttributes;
  readonly messageId?: string;
  /** What an X-Ray SDK of the sender left: system attribute `AWSTraceHeader`. */
  readonly traceHeader?: string;
  readonly groupId?: string;
  readonly receiveCount?: number;
}

/** SQS: one batch of messages. */
export function sqsEvent(
  messages: readonly SqsMessage[],
  options: Place & { readonly queue?: string } = {},
): { Records: Record<string, unknown>[] } {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  const { queue = 'local-queue' } = options;
  return {
    Records: messages.map((message) => {
      const body = asText(message.body);
      return {
        messageId: message.messageId ?? newId(),
        receiptHandle: base64(newId()),
        body,
        attributes: {
          ApproximateReceiveCount: String(message.receiveCount ?? 1),
          ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
          SentTimestamp: String(epochMs),
          SenderId: 'AROALOCALLAMBDA:sender',
          ApproximateFirstReceiveTimestamp: String(epochMs + 1),
          ...(message.groupId === undefined
            ? {}
            : {
                MessageGroupId: message.groupId,
                MessageDeduplicationId: newId(),
                SequenceNumber: '18849496460467696128',
              }),
        },
        messageAttributes: sqsAttributes(message.attributes ?? {}),
        md5OfBody: createHash('md5').update(body).digest('hex'),
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:${partition}:sqs:${region}:${accountId}:${queue}`,
        awsRegion: region,
      };
    }),
  };
}

function sqsAttributes(attributes: MessageAttributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? { stringValue: value, stringListValues: [], binaryListValues: [], dataType: 'String' }
        : {
            binaryValue: Buffer.from(value).toString('base64'),
            stringListValues: [],
            binaryListValues: [],
            dataType: 'Binary',
          },
    ]),
  );
}

/** One SNS message. */
export interface SnsMessage {
  readonly message: unknown;
  readonly subject?: string;
  readonly attributes?: MessageAttributes;
  readonly messageId?: string;
}

/** SNS: always one record. */
export function snsEvent(
  message: SnsMessage,
  options: Place & { readonly topic?: string } = {},
): { Records: Record<string, unknown>[] } {
  const { region, accountId, partition } = fullPlace(options);
  const arn = `arn:${partition}:sns:${region}:${accountId}:${options.topic ?? 'local-topic'}`;
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: `${arn}:${newId()}`,
        Sns: {
          ...notification(message, arn, fullPlace(options).epochMs),
          SigningCertUrl: cert(region),
        },
      },
    ],
  };
}

/** SNS→SQS: a subscription that does not deliver raw, so that each body is a notification. */
export function snsInSqsEvent(
  messages: readonly SnsMessage[],
  options: Place & { readonly topic?: string; readonly queue?: string } = {},
): { Records: Record<string, unknown>[] } {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  const arn = `arn:${partition}:sns:${region}:${accountId}:${options.topic ?? 'local-topic'}`;
  const bodies = messages.map((message) => ({
    // The names differ from those of a Lambda subscription by a capital or two.
    body: { ...notification(message, arn, epochMs), SigningCertURL: cert(region) },
  }));
  return sqsEvent(bodies, options);
}

/** SNS→SQS with raw delivery: the message is the body, and its attributes become those of SQS. */
export function rawSnsInSqsEvent(
  messages: readonly SnsMessage[],
  options: Place & { readonly queue?: string } = {},
): { Records: Record<string, unknown>[] } {
  return sqsEvent(
    messages.map(({ message, attributes }) => ({
      body: message,
      ...(attributes === undefined ? {} : { attributes }),
    })),
    options,
  );
}

function notification(message: SnsMessage, topicArn: string, epochMs: number): object {
  const attributes = Object.entries(message.attributes ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string'
      ? { Type: 'String', Value: value }
      : { Type: 'Binary', Value: Buffer.from(value).toString('base64') },
  ]);
  return {
    Type: 'Notification',
    MessageId: message.messageId ?? newId(),
    TopicArn: topicArn,
    ...(message.subject === undefined ? {} : { Subject: message.subject }),
    Message: asText(message.message),
    Timestamp: new Date(epochMs).toISOString(),
    SignatureVersion: '1',
    Signature: base64('not signed'),
    MessageAttributes: Object.fromEntries(attributes) as object,
  };
}

function cert(region: string): string {
  return `https://sns.${region}.amazonaws.com/SimpleNotificationService-local.pem`;
}

/** One event of an event bus. */
export interface BusEvent {
  readonly detail: unknown;
  readonly detailType?: string;
  readonly source?: string;
  readonly resources?: readonly string[];
  readonly id?: string;
}

/** EventBridge: a rule's target gets one event, without a list. */
export function eventBridgeEvent(event: BusEvent, options: Place = {}): Record<string, unknown> {
  const { region, accountId, epochMs } = fullPlace(options);
  return {
    version: '0',
    id: event.id ?? newId(),
    'detail-type': event.detailType ?? 'Order Placed',
    source: event.source ?? 'com.example.shop',
    account: accountId,
    time: new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: event.resources ?? [],
    detail: event.detail,
  };
}

/** EventBridge with a queue as its target. */
export function eventBridgeInSqsEvent(
  events: readonly BusEvent[],
  options: Place & { readonly queue?: string } = {},
): { Records: Record<string, unknown>[] } {
  return sqsEvent(
    events.map((event) => ({ body: eventBridgeEvent(event, options) })),
    options,
  );
}

/** EventBridge with a topic as its target. */
export function eventBridgeInSnsEvent(
  event: BusEvent,
  options: Place & { readonly topic?: string } = {},
): { Records: Record<string, unknown>[] } {
  return snsEvent({ message: eventBridgeEvent(event, options) }, options);
}

/** A schedule: EventBridge's own source, with an empty detail. */
export function scheduledEvent(
  options: Place & { readonly rule?: string } = {},
): Record<string, unknown> {
  const { region, accountId, partition } = fullPlace(options);
  const rule = options.rule ?? 'local-rule';
  return eventBridgeEvent(
    {
      detail: {},
      detailType: 'Scheduled Event',
      source: 'aws.events',
      resources: [`arn:${partition}:events:${region}:${accountId}:rule/${rule}`],
    },
    options,
  );
}
