import { createHash } from 'node:crypto';
import { asText, base64, fullPlace, newId, type Place } from './place.ts';

/** One Kinesis record; data that is neither text nor bytes is sent as JSON. */
export interface KinesisRecord {
  readonly data: unknown;
  readonly partitionKey?: string;
  readonly sequenceNumber?: string;
}

/** Kinesis data stream: one batch of one shard. */
export function kinesisEvent(
  records: readonly KinesisRecord[],
  options: Place & { readonly stream?: string } = {},
): { Records: Record<string, unknown>[] } {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  return {
    Records: records.map(({ data, partitionKey, sequenceNumber }, index) => {
      const sequence = sequenceNumber ?? sequenceAt(index);
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: partitionKey ?? `key-${index}`,
          sequenceNumber: sequence,
          data:
            data instanceof Uint8Array
              ? Buffer.from(data).toString('base64')
              : base64(asText(data)),
          approximateArrivalTimestamp: epochMs / 1000,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `shardId-000000000000:${sequence}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: `arn:${partition}:iam::${accountId}:role/local-role`,
        awsRegion: region,
        eventSourceARN: `arn:${partition}:kinesis:${region}:${accountId}:stream/${options.stream ?? 'local-stream'}`,
      };
    }),
  };
}

/** A typed attribute value of DynamoDB: `{ S: 'text' }`, `{ N: '1' }` … */
export type AttributeValue = Readonly<Record<string, unknown>>;

/** One change of a table's item. */
export interface DynamoDbChange {
  readonly kind: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly keys: Readonly<Record<string, AttributeValue>>;
  readonly newImage?: Readonly<Record<string, AttributeValue>>;
  readonly oldImage?: Readonly<Record<string, AttributeValue>>;
  /** The item's time to live has passed: the service itself removed it. */
  readonly expired?: boolean;
}

/** DynamoDB stream: one batch of one shard. */
export function dynamoDbEvent(
  changes: readonly DynamoDbChange[],
  options: Place & { readonly table?: string } = {},
): { Records: Record<string, unknown>[] } {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  const table = `arn:${partition}:dynamodb:${region}:${accountId}:table/${options.table ?? 'local-table'}`;
  return {
    Records: changes.map((change, index) => {
      const images = {
        Keys: change.keys,
        ...(change.newImage === undefined ? {} : { NewImage: change.newImage }),
        ...(change.oldImage === undefined ? {} : { OldImage: change.oldImage }),
      };
      return {
        eventID: newId().replaceAll('-', ''),
        eventName: change.kind,
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: region,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(epochMs / 1000),
          ...images,
          SequenceNumber: sequenceAt(index),
          SizeBytes: Buffer.byteLength(JSON.stringify(images)),
          StreamViewType: viewType(change),
        },
        eventSourceARN: `${table}/stream/2026-01-01T00:00:00.000`,
        ...(change.expired === true
          ? { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }
          : {}),
      };
    }),
  };
}

function viewType({ newImage, oldImage }: DynamoDbChange): string {
  if (newImage !== undefined && oldImage !== undefined) return 'NEW_AND_OLD_IMAGES';
  if (newImage !== undefined) return 'NEW_IMAGE';
  return oldImage === undefined ? 'KEYS_ONLY' : 'OLD_IMAGE';
}

/** One change of an object. */
export interface S3Change {
  readonly key: string;
  readonly kind?: string;
  readonly sizeBytes?: number;
  /** The content, for the `eTag` of an object that was put in one piece. */
  readonly content?: string | Uint8Array;
}

/** S3 notification. Keys arrive URL-encoded, with `+` for a space. */
export function s3Event(
  changes: readonly S3Change[],
  options: Place & { readonly bucket?: string } = {},
): { Records: Record<string, unknown>[] } {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  const { bucket = 'local-bucket' } = options;
  return {
    Records: changes.map((change) => {
      const { kind = 'ObjectCreated:Put', content = '' } = change;
      const removed = kind.startsWith('ObjectRemoved');
      return {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date(epochMs).toISOString(),
        eventName: kind,
        userIdentity: { principalId: `AWS:${accountId}` },
        requestParameters: { sourceIPAddress: '203.0.113.10' },
        responseElements: {
          'x-amz-request-id': newId().slice(0, 16).toUpperCase(),
          'x-amz-id-2': base64(newId()),
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'local',
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: 'A1LOCAL' },
            arn: `arn:${partition}:s3:::${bucket}`,
          },
          object: {
            key: encodeURIComponent(change.key).replaceAll('%20', '+').replaceAll('%2F', '/'),
            ...(removed
              ? {}
              : {
                  size: change.sizeBytes ?? Buffer.byteLength(content),
                  eTag: createHash('md5').update(content).digest('hex'),
                }),
            sequencer: epochMs.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      };
    }),
  };
}

/** One Kafka record. */
export interface KafkaRecord {
  readonly topic: string;
  readonly value: unknown;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Amazon MSK: records by topic and partition, headers as lists of byte values. */
export function mskEvent(
  records: readonly KafkaRecord[],
  options: Place & { readonly cluster?: string } = {},
): Record<string, unknown> {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  const byPartition: Record<string, unknown[]> = {};
  for (const record of records) {
    const list = (byPartition[`${record.topic}-0`] ??= []);
    list.push({
      topic: record.topic,
      partition: 0,
      offset: list.length,
      timestamp: epochMs,
      timestampType: 'CREATE_TIME',
      ...(record.key === undefined ? {} : { key: base64(record.key) }),
      value: base64(asText(record.value)),
      headers: Object.entries(record.headers ?? {}).map(([name, value]) => ({
        [name]: [...Buffer.from(value)],
      })),
    });
  }
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: `arn:${partition}:kafka:${region}:${accountId}:cluster/${options.cluster ?? 'local-cluster'}/0a1b2c3d-0000-4000-8000-000000000000-1`,
    bootstrapServers: `b-1.local.kafka.${region}.amazonaws.com:9092`,
    records: byPartition,
  };
}

/** 56 digits that grow with the record's place in the batch. */
function sequenceAt(index: number): string {
  return `4954511523504242453${String(index).padStart(37, '0')}`;
}
