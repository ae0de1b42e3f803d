/** HTTP: API Gateway in both payload formats, WebSocket, function URL, load balancer. */
export {
  apiGatewayV1Event,
  apiGatewayV2Event,
  functionUrlEvent,
  loadBalancerEvent,
  webSocketEvent,
  type ApiGatewayOptions,
  type HttpRequestOptions,
} from './http.ts';
/** Queues, topics and buses, alone and one behind the other. */
export {
  eventBridgeEvent,
  eventBridgeInSnsEvent,
  eventBridgeInSqsEvent,
  rawSnsInSqsEvent,
  scheduledEvent,
  snsEvent,
  snsInSqsEvent,
  sqsEvent,
  type BusEvent,
  type MessageAttributes,
  type SnsMessage,
  type SqsMessage,
} from './messages.ts';
/** Streams, tables and buckets. */
export {
  dynamoDbEvent,
  kinesisEvent,
  mskEvent,
  s3Event,
  type AttributeValue,
  type DynamoDbChange,
  type KafkaRecord,
  type KinesisRecord,
  type S3Change,
} from './streams.ts';
/** State machines. */
export {
  stepFunctionsCarrierEvent,
  stepFunctionsContext,
  stepFunctionsPayloadEvent,
  type StepFunctionsOptions,
} from './step-functions.ts';
/** Where and when an event happened. */
export type { Place } from './place.ts';
