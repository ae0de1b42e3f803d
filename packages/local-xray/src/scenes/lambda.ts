import { awsCall } from './aws-call.ts';
import { crash } from './crash.ts';
import { Stage, type Scene, type SceneDocument, type SceneOptions } from './scene-clock.ts';

/** How an invocation of a function goes. */
export interface LambdaOptions extends SceneOptions {
  readonly functionName?: string;
  /** `otel` is the layout without ARN and with flat keys that is seen since 2025. */
  readonly layout?: 'classic' | 'otel';
  readonly coldStart?: boolean;
  readonly outcome?: 'ok' | 'failed' | 'throttled' | 'in-progress';
  /** Calls that the function makes: recorded below its `Invocation`. */
  readonly table?: string;
  /** What its handler adds below `Invocation`; for instance `datadog-metadata`. */
  readonly inside?: readonly Readonly<Record<string, unknown>>[];
  /** Whose messages it was invoked with: only queues link. */
  readonly links?: readonly { readonly trace_id: string; readonly id: string }[];
  readonly durationMs?: number;
}

/** A scene with one invocation, and what its function was told. */
export interface LambdaScene extends Scene {
  /** The id that the function finds as `Parent` in its trace header. */
  readonly parentInside: string;
  readonly requestId: string;
  readonly header: string;
}

/** A synchronous invocation: the segment of the service and the segment of the function. */
export function lambdaInvocation(options: LambdaOptions): LambdaScene {
  const stage = new Stage(options);
  const name = options.functionName ?? 'orders-api';
  const arn = stage.arn('lambda', `function:${name}`);
  const outcome = options.outcome ?? 'ok';
  const duration = options.durationMs ?? 200;
  const initEnd = options.coldStart === true ? 320 : 10;
  const end = initEnd + duration + 20;
  const requestId = stage.requestId(`${name} invocation`);
  const failed = outcome === 'failed';
  const service: SceneDocument = {
    id: stage.id(`${name} service`),
    trace_id: stage.traceId,
    ...stage.parent,
    name,
    ...stage.span(0, outcome === 'throttled' ? 12 : end),
    origin: 'AWS::Lambda',
    resource_arn: arn,
    http: { response: { status: outcome === 'throttled' ? 429 : 200 } },
    ...(outcome === 'throttled' ? { throttle: true, error: true } : failed ? { fault: true } : {}),
    ...(options.links === undefined
      ? {}
      : { links: options.links.map((one) => ({ ...one, attributes: {} })) }),
    aws: { request_id: requestId },
  };
  const invocationId = stage.id(`${name} invocation`);
  const functionId = stage.id(`${name} function`);
  const otel = options.layout === 'otel';
  // Where a runtime records no `Invocation`, its parts hang below the function itself.
  const parentInside = otel ? functionId : invocationId;
  const documents = [service];
  if (outcome === 'in-progress') {
    const { end_time: _, ...open } = service;
    documents[0] = { ...open, start_time: service.start_time, in_progress: true };
  }
  if (outcome !== 'throttled') {
    documents.push(functionSegment());
  }
  return {
    traceId: stage.traceId,
    documents,
    parentInside,
    requestId,
    header: `Root=${stage.traceId};Parent=${parentInside};Sampled=1`,
  };

  function functionSegment(): SceneDocument {
    const inside = [
      ...(options.table === undefined
        ? []
        : [
            awsCall(stage, `${name} table`, 'DynamoDB', [initEnd + 30, initEnd + 60], {
              operation: 'UpdateItem',
              table_name: options.table,
              resource_names: [options.table],
            }),
          ]),
      ...(options.inside ?? []),
    ];
    const aws = otel ? {} : { aws: { function_arn: arn } };
    const phases = [
      ...(options.coldStart === true
        ? [{ id: stage.id(`${name} init`), name: 'Initialization', ...stage.span(25, 310), ...aws }]
        : []),
      ...(otel
        ? inside
        : [
            {
              id: invocationId,
              name: 'Invocation',
              ...stage.span(initEnd + 5, initEnd + 5 + duration),
              ...(failed ? { fault: true } : {}),
              ...aws,
              ...(inside.length > 0 ? { subsegments: inside } : {}),
            },
          ]),
      {
        id: stage.id(`${name} overhead`),
        name: 'Overhead',
        ...stage.span(initEnd + 5 + duration, initEnd + 12 + duration),
        ...aws,
      },
    ];
    const common = {
      id: functionId,
      trace_id: stage.traceId,
      parent_id: service.id,
      name,
      origin: 'AWS::Lambda::Function',
    };
    // A function that runs into its time limit is often left in progress, with what it had done by then.
    if (outcome === 'in-progress') {
      return {
        ...common,
        start_time: stage.time(initEnd + 4.1074),
        in_progress: true,
        aws: { function_arn: arn, account_id: stage.account, resource_names: [name] },
        ...(inside.length > 0 ? { subsegments: inside } : {}),
      };
    }
    return {
      ...common,
      ...stage.span(initEnd + 4.1074, end - 2.2981),
      ...(otel
        ? otelFields(name, duration)
        : { aws: { function_arn: arn, account_id: stage.account, resource_names: [name] } }),
      ...(failed ? { fault: true, cause: crash(stage, name) } : {}),
      subsegments: phases,
    };
  }
}

function otelFields(name: string, durationMs: number): Record<string, unknown> {
  return {
    aws: {
      'lambda.name': name,
      'xray.origin': 'AWS::Lambda::Function',
      cloudwatch_logs: [{ log_group: `/aws/lambda/${name}` }],
    },
    annotations: {
      'aws:span.name': `${name}/LambdaExecutionEnvironment`,
      'aws:span.kind': 'SERVER',
      'aws:responseLatency': durationMs,
      'aws:responseDuration': 0.09,
      'aws:runtimeOverhead': 0.21,
    },
    metadata: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'service.name': name,
      'faas.name': name,
    },
  };
}
