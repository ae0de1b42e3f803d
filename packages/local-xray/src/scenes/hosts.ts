import { Stage, type Scene, type SceneOptions } from './scene-clock.ts';

/** A request to a service on a host or in a container, with a query of its database and a call of a neighbour. */
export function hostService(
  options: SceneOptions & {
    readonly service?: string;
    readonly platform?: 'ec2' | 'ecs' | 'fargate' | 'beanstalk' | 'eks';
    readonly outcome?: 'ok' | 'failed';
    /** Text of the query; X-Ray SDKs do not sanitise it. */
    readonly query?: string;
  },
): Scene {
  const stage = new Stage(options);
  const failed = options.outcome === 'failed';
  const platform = platforms(stage)[options.platform ?? 'ec2'];
  return {
    traceId: stage.traceId,
    documents: [
      {
        id: stage.id('host'),
        trace_id: stage.traceId,
        ...stage.parent,
        name: options.service ?? 'checkout',
        ...stage.span(0, 409),
        origin: platform.origin,
        user: 'u-17',
        service: { version: '1.4.2', runtime: 'node', runtime_version: '24.21.0' },
        http: {
          request: {
            method: 'POST',
            url: 'http://checkout.internal/pay?token=s3cret',
            client_ip: '10.0.0.9',
            user_agent: 'axios/1.9',
          },
          response: { status: failed ? 502 : 200, content_length: 128 },
        },
        ...(failed ? { fault: true, cause: causeOf(stage) } : {}),
        aws: {
          ...platform.aws,
          xray: { sdk: 'X-Ray for Node.js', sdk_version: '3.12.0', rule_name: 'Default' },
        },
        annotations: { env: 'prod', tenant: 'acme', basket: 3, express: true },
        metadata: { default: { attempt: { number: 1 } }, debug: { heap: 12_345_678 } },
        subsegments: [
          {
            id: stage.id('query'),
            name: 'shop@db.internal',
            namespace: 'remote',
            ...stage.span(74, 84),
            sql: {
              url: 'postgresql://db.internal:5432/shop',
              preparation: 'statement',
              database_type: 'PostgreSQL',
              database_version: '16.4',
              user: 'app',
              sanitized_query:
                options.query ?? "select * from cards where pan = '4111111111111111'",
            },
          },
          {
            id: stage.id('neighbour'),
            name: 'psp.example.test',
            namespace: 'remote',
            ...stage.span(90, 380),
            ...(failed ? { fault: true } : {}),
            http: {
              request: {
                method: 'POST',
                url: 'https://psp.example.test/v1/charges',
                traced: false,
              },
              response: { status: failed ? 503 : 201, content_length: -1 },
            },
          },
        ],
      },
    ],
  };
}

function causeOf(stage: Stage): Record<string, unknown> {
  return {
    working_directory: '/app',
    exceptions: [
      {
        id: stage.id('exception'),
        type: 'UpstreamError',
        message: 'bad gateway',
        remote: true,
        stack: [
          { path: 'pay.js', line: 41, label: 'charge' },
          { path: 'node', line: null, label: 'anonymous' },
        ],
      },
    ],
  };
}

function platforms(
  stage: Stage,
): Record<
  'ec2' | 'ecs' | 'fargate' | 'beanstalk' | 'eks',
  { readonly origin: string; readonly aws: Record<string, unknown> }
> {
  const ec2 = {
    instance_id: 'i-0a1b2c3d4e5f60718',
    instance_size: 't3.medium',
    ami_id: 'ami-0123456789abcdef0',
    availability_zone: `${stage.region}a`,
  };
  const ecs = {
    container: 'ip-10-0-0-5',
    container_id: stage.id('container'),
    task_arn: stage.arn('ecs', `task/shop/${stage.id('task')}`),
    task_family: 'checkout',
    cluster_arn: stage.arn('ecs', 'cluster/shop'),
  };
  return {
    ec2: { origin: 'AWS::EC2::Instance', aws: { ec2 } },
    ecs: { origin: 'AWS::ECS::EC2', aws: { ec2, ecs: { ...ecs, launch_type: 'EC2' } } },
    fargate: { origin: 'AWS::ECS::Fargate', aws: { ecs: { ...ecs, launch_type: 'FARGATE' } } },
    beanstalk: {
      origin: 'AWS::ElasticBeanstalk::Environment',
      // The Node SDK writes `environment`, the documentation says `environment_name`.
      aws: {
        ec2,
        elastic_beanstalk: { environment: 'shop-prod', version_label: 'v17', deployment_id: 17 },
      },
    },
    eks: {
      origin: 'AWS::EKS::Container',
      aws: {
        eks: { cluster_name: 'shop', pod: 'checkout-7d9f', container_id: stage.id('container') },
      },
    },
  };
}
