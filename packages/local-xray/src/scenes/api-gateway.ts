import { lambdaInvocation, type LambdaOptions, type LambdaScene } from './lambda.ts';
import { Stage, type SceneDocument } from './scene-clock.ts';

/** A request to an API and what it leads to. */
export interface ApiOptions extends LambdaOptions {
  readonly api?: string;
  readonly stage?: string;
  readonly method?: string;
  readonly path?: string;
}

/** A request that API Gateway hands to a function: the stage's segment, and those of `lambdaInvocation`. */
export function apiToLambda(options: ApiOptions): LambdaScene {
  const stage = new Stage(options);
  const callId = stage.id('api call');
  const lambda = lambdaInvocation({
    table: 'orders',
    ...options,
    at: options.at + 12,
    trace: { root: stage.traceId, parent: callId },
  });
  const service = lambda.documents[0]!;
  const end = Number(service['end_time'] ?? service.start_time + 3) - options.at / 1000;
  return {
    ...lambda,
    documents: [stageSegment(stage, callId, end * 1000, options), ...lambda.documents],
  };
}

function stageSegment(
  stage: Stage,
  callId: string,
  lambdaEndMs: number,
  options: ApiOptions,
): SceneDocument {
  const name = options.functionName ?? 'orders-api';
  const api = options.api ?? 'shop-api';
  const stageName = options.stage ?? 'prod';
  const apiId = stage.id('api').slice(0, 10);
  const requestId = stage.requestId('api');
  const status = { failed: 502, throttled: 500, 'in-progress': 504, ok: 200 }[
    options.outcome ?? 'ok'
  ];
  const fault = status >= 500 ? { fault: true } : {};
  const arn = stage.arn('lambda', `function:${name}`);
  return {
    id: stage.id('api stage'),
    trace_id: stage.traceId,
    ...stage.parent,
    name: `${api}/${stageName}`,
    ...stage.span(0, lambdaEndMs + 9),
    origin: 'AWS::ApiGateway::Stage',
    resource_arn: `arn:aws:apigateway:${stage.region}::/restapis/${apiId}/stages/${stageName}`,
    ...fault,
    http: {
      request: {
        url: `https://api.example.test/${stageName}${options.path ?? '/orders'}`,
        method: options.method ?? 'POST',
        client_ip: '198.51.100.7',
        user_agent: 'curl/8',
        x_forwarded_for: true,
      },
      response: { status, content_length: 0 },
    },
    aws: {
      xray: { sampling_rule_name: 'Default' },
      api_gateway: {
        account_id: stage.account,
        rest_api_id: apiId,
        stage: stageName,
        request_id: requestId,
      },
    },
    annotations: { 'aws:api_id': apiId, 'aws:api_stage': stageName },
    metadata: { default: { extended_request_id: 'eXt1=', request_id: requestId } },
    subsegments: [
      {
        id: callId,
        name: 'Lambda',
        namespace: 'aws',
        ...stage.span(8, lambdaEndMs + 5),
        ...fault,
        http: {
          request: {
            url: `https://lambda.example.test/2015-03-31/functions/${arn}/invocations`,
            method: 'POST',
          },
          response: { status: status === 200 ? 200 : status, content_length: 62 },
        },
        aws: {
          function_name: name,
          region: stage.region,
          operation: 'Invoke',
          resource_names: [name],
        },
      },
    ],
  };
}
