import { awsCall } from './aws-call.ts';
import { lambdaInvocation, type LambdaScene } from './lambda.ts';
import {
  Stage,
  type Scene,
  type SceneDocument,
  type SceneOptions,
  type TraceContext,
} from './scene-clock.ts';

/** A trace that ends in a message, and what the message says of it. */
export interface PublishScene extends Scene {
  /** The trace and call that a consumer links to, or continues. */
  readonly context: Required<TraceContext>;
  /** What travels as `AWSTraceHeader`. */
  readonly header: string;
}

/** A service that sends a message to a queue. */
export function sendToQueue(
  options: SceneOptions & { readonly service?: string; readonly queue?: string },
): PublishScene {
  const queue = options.queue ?? 'orders-queue';
  return publish(options, 'SQS', {
    operation: 'SendMessage',
    queue_url: `https://sqs.${options.region ?? 'eu-west-1'}.amazonaws.com/${options.account ?? '111122223333'}/${queue}`,
    resource_names: [queue],
  });
}

/**
 * A service that publishes to a topic with active tracing: the topic has a segment of its own, with a part for its delivery to a queue.
 * The context is that of the delivery.
 */
export function publishToTopic(
  options: SceneOptions & {
    readonly service?: string;
    readonly topic?: string;
    readonly queue?: string;
  },
): PublishScene {
  const stage = new Stage(options);
  const topic = options.topic ?? 'order-events';
  const queue = options.queue ?? 'orders-queue';
  const arn = stage.arn('sns', topic);
  const published = publish(options, 'SNS', {
    operation: 'Publish',
    topic_arn: arn,
    resource_names: [topic],
  });
  const delivery = awsCall(stage, 'delivery', 'SQS', [58, 70], {
    operation: 'SendMessage',
    queue_url: `https://sqs.${stage.region}.amazonaws.com/${stage.account}/${queue}`,
    resource_names: [queue],
  });
  const segment: SceneDocument = {
    id: stage.id('topic'),
    trace_id: stage.traceId,
    parent_id: published.context.parent,
    name: topic,
    ...stage.span(55, 72),
    origin: 'AWS::SNS::Topic',
    resource_arn: arn,
    subsegments: [delivery],
  };
  const context = { root: stage.traceId, parent: stage.id('delivery') };
  return {
    traceId: stage.traceId,
    documents: [...published.documents, segment],
    context,
    header: headerOf(context),
  };
}

/** A function that is invoked with a batch from a queue: a trace of its own, with a link to the trace of each message. */
export function consumeFromQueue(
  options: SceneOptions & {
    readonly messages: readonly Required<TraceContext>[];
    readonly functionName?: string;
    readonly inside?: readonly Readonly<Record<string, unknown>>[];
  },
): LambdaScene {
  return lambdaInvocation({
    functionName: 'worker',
    ...options,
    links: options.messages.map((one) => ({ trace_id: one.root, id: one.parent })),
  });
}

function publish(
  options: SceneOptions & { readonly service?: string },
  service: 'SQS' | 'SNS',
  aws: Readonly<Record<string, unknown>>,
): PublishScene {
  const stage = new Stage(options);
  const context = { root: stage.traceId, parent: stage.id('message') };
  return {
    traceId: stage.traceId,
    documents: [
      {
        id: stage.id('publisher'),
        trace_id: stage.traceId,
        ...stage.parent,
        name: options.service ?? 'checkout',
        ...stage.span(0, 90),
        origin: 'AWS::ECS::Fargate',
        http: {
          request: { method: 'POST', url: 'http://checkout.internal/orders' },
          response: { status: 202 },
        },
        aws: {
          ecs: { container: 'ip-10-0-0-5' },
          xray: { sdk: 'X-Ray for Node.js', sdk_version: '3.12.0' },
        },
        subsegments: [awsCall(stage, 'message', service, [40, 75], aws)],
      },
    ],
    context,
    header: headerOf(context),
  };
}

function headerOf({ root, parent }: Required<TraceContext>): string {
  return `Root=${root};Parent=${parent};Sampled=1`;
}
