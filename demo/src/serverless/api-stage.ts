import { randomBytes, randomUUID } from 'node:crypto';
import { formatTraceHeader, newTraceRoot } from '@spanloom/local-lambda';

/** A request on its way through the API. */
export interface ApiCall {
  /** `X-Amzn-Trace-Id` for the function. */
  readonly header: string;
  /** The segment to send when the function has answered. */
  readonly end: (status: number) => object;
}

/** A stage of a REST API with X-Ray switched on: what it tells X-Ray about each request. */
export class ApiStage {
  readonly stage: string;
  readonly #api: string;
  readonly #account: string;
  readonly #region: string;
  readonly apiId = 'k3j4h5g6f7';

  constructor(api: string, stage: string, account: string, region: string) {
    this.#api = api;
    this.stage = stage;
    this.#account = account;
    this.#region = region;
  }

  /** A trace of its own that is recorded: how a function is called by the clock. */
  newTraceHeader(): string {
    return formatTraceHeader({
      root: newTraceRoot(Date.now()),
      parent: undefined,
      sampled: true,
      lineage: undefined,
    });
  }

  begin(method: string, path: string, functionName: string): ApiCall {
    const root = newTraceRoot(Date.now());
    const [segment, call] = [hexId(), hexId()];
    const started = Date.now();
    const requestId = randomUUID();
    const region = this.#region;
    return {
      header: formatTraceHeader({ root, parent: call, sampled: true, lineage: undefined }),
      end: (status) => ({
        id: segment,
        trace_id: root,
        name: `${this.#api}/${this.stage}`,
        origin: 'AWS::ApiGateway::Stage',
        start_time: started / 1000,
        end_time: Date.now() / 1000,
        resource_arn: `arn:aws:apigateway:${region}::/restapis/${this.apiId}/stages/${this.stage}`,
        ...(status >= 500 && { fault: true }),
        http: {
          request: {
            method,
            url: `https://${this.apiId}.execute-api.${region}.amazonaws.com/${this.stage}${path}`,
            client_ip: '198.51.100.7',
            user_agent: 'node',
            x_forwarded_for: true,
          },
          response: { status, content_length: 0 },
        },
        aws: {
          xray: { sampling_rule_name: 'Default' },
          api_gateway: {
            account_id: this.#account,
            rest_api_id: this.apiId,
            stage: this.stage,
            request_id: requestId,
          },
        },
        annotations: { 'aws:api_id': this.apiId, 'aws:api_stage': this.stage },
        subsegments: [
          {
            id: call,
            name: 'Lambda',
            namespace: 'aws',
            start_time: (started + 2) / 1000,
            end_time: (Date.now() - 1) / 1000,
            ...(status >= 500 && { fault: true }),
            http: {
              request: {
                method: 'POST',
                url: `https://lambda.${region}.amazonaws.com/2015-03-31/functions/arn:aws:lambda:${region}:${this.#account}:function:${functionName}/invocations`,
              },
              response: { status: 200, content_length: 40 },
            },
            aws: {
              function_name: functionName,
              region,
              operation: 'Invoke',
              resource_names: [functionName],
            },
          },
        ],
      }),
    };
  }
}

function hexId(): string {
  return randomBytes(8).toString('hex');
}
