// The AWS SDK for JavaScript, version 3: every call gets a span, and those that reach other code take the trace along.
import { injectContext, type Carrier } from '../context/headers.ts';
import { itemParts, pointerLink } from '../event/span-pointers.ts';
import { findDdTrace } from '../delegate/dd-trace.ts';
import { guard } from '../log.ts';
import { currentInvocation } from '../shared.ts';
import type { LiveSpan } from '../tracing.ts';
import { awsCarriers } from './aws-carriers.ts';

interface Arguments {
  readonly input: Readonly<Record<string, unknown>>;
}
interface Output {
  readonly output?: Readonly<Record<string, unknown>>;
  readonly response?: { readonly statusCode?: number };
}
type Next = (args: Arguments) => Promise<Output>;
interface CommandContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

/** What a client of the SDK has to be able to do for us. */
export interface AwsClient {
  readonly middlewareStack: {
    add(middleware: (next: Next, context: CommandContext) => Next, options: object): unknown;
  };
}

const clients = new WeakSet<object>();

/** Lets a client carry the trace along. Needed only where the SDK is part of a bundle: otherwise it happens by itself. */
export function traceAwsClient<C extends AwsClient>(client: C): C {
  if (clients.has(client)) return client;
  clients.add(client);
  guard('watch an AWS client', () =>
    client.middlewareStack.add((next, context) => (args) => callTraced(next, context, args), {
      step: 'serialize',
      priority: 'high',
      name: 'spanloomInject',
      override: true,
    }),
  );
  return client;
}

/** Makes every client do so on its first call. */
export function hookAwsSdk(exports: { Client?: { prototype: Record<string, unknown> } }): void {
  const prototype = exports.Client?.prototype;
  const send = prototype?.['send'] as ((...args: unknown[]) => unknown) | undefined;
  if (prototype === undefined || typeof send !== 'function') return;
  prototype['send'] = function (this: AwsClient, ...args: unknown[]): unknown {
    traceAwsClient(this);
    return send.apply(this, args);
  };
}

async function callTraced(next: Next, context: CommandContext, args: Arguments): Promise<Output> {
  const invocation = currentInvocation();
  if (invocation === undefined || findDdTrace() !== undefined) return next(args);
  const client = (context.clientName ?? '').replace(/Client$/, '');
  const command = (context.commandName ?? '').replace(/Command$/, '');
  const span = guard('start a span', () => startSpan(client, command, args.input));
  const inject = awsCarriers[`${client}.${command}`];
  const prepared =
    inject === undefined
      ? args
      : (guard('pass the trace on', () => {
          const position = span?.position() ?? invocation.position();
          if (position === undefined) return args;
          const carrier: Carrier = {};
          injectContext(position, carrier);
          return { ...args, input: inject(args.input, carrier) };
        }) ?? args);
  if (span === undefined) return next(prepared);
  try {
    const result = await next(prepared);
    guard('describe a call', () => describeResult(span, client, command, args.input, result));
    return result;
  } catch (error) {
    span.setError(error);
    throw error;
  } finally {
    span.finish();
  }
}

function startSpan(
  client: string,
  command: string,
  input: Arguments['input'],
): LiveSpan | undefined {
  const invocation = currentInvocation();
  if (invocation?.tracing === undefined) return undefined;
  const target = [
    'QueueUrl',
    'TopicArn',
    'StreamName',
    'FunctionName',
    'TableName',
    'Bucket',
    'stateMachineArn',
  ]
    .map((name) => input[name])
    .find((one) => typeof one === 'string');
  const operation = command.charAt(0).toLowerCase() + command.slice(1);
  const kind = /^(?:Send|Publish|Put(?:Records?|Events)$)/.test(command) ? 'producer' : 'client';
  return invocation.tracing.start('aws.request', invocation.activeSpan(), {
    service: `${invocation.settings.service ?? invocation.functionName}-aws-${client.toLowerCase()}`,
    resource: target === undefined ? operation : `${operation} ${target}`,
    type: 'web',
    tags: {
      'span.kind': kind,
      component: 'aws-sdk',
      'aws.operation': operation,
      'aws.region': process.env['AWS_REGION'],
      'aws.service': client,
      aws_service: client,
      region: process.env['AWS_REGION'],
    },
  });
}

function describeResult(
  span: LiveSpan,
  client: string,
  command: string,
  input: Arguments['input'],
  result: Output,
): void {
  const status = result.response?.statusCode;
  if (status !== undefined) span.setTag('http.status_code', String(status));
  if (client === 'DynamoDB' && /^(?:UpdateItem|DeleteItem)$/.test(command)) {
    const parts = itemParts(input['TableName'], input['Key']);
    if (parts !== undefined) span.addLink(pointerLink('aws.dynamodb.item', 'd', parts));
    return;
  }
  if (client !== 'S3' || !/^(?:PutObject|CopyObject|CompleteMultipartUpload)$/.test(command))
    return;
  const { Bucket: bucket, Key: key } = input;
  const copied = result.output?.['CopyObjectResult'] as { ETag?: unknown } | undefined;
  const etag = copied?.ETag ?? result.output?.['ETag'];
  if (typeof bucket === 'string' && typeof key === 'string' && typeof etag === 'string') {
    span.addLink(pointerLink('aws.s3.object', 'd', [bucket, key, etag.replaceAll(/^"|"$/g, '')]));
  }
}
