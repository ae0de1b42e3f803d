import { awsCall } from './aws-call.ts';
import { Stage, type Scene, type SceneOptions } from './scene-clock.ts';

/** A query to a GraphQL API: a part for the resolver, with its call of DynamoDB. */
export function appSync(
  options: SceneOptions & {
    readonly api?: string;
    readonly field?: string;
    readonly table?: string;
  },
): Scene {
  const stage = new Stage(options);
  const table = options.table ?? 'orders';
  return {
    traceId: stage.traceId,
    documents: [
      {
        id: stage.id('graphql'),
        trace_id: stage.traceId,
        ...stage.parent,
        name: options.api ?? 'shop-graphql',
        ...stage.span(0, 240),
        origin: 'AWS::AppSync::GraphQLAPI',
        resource_arn: stage.arn('appsync', `apis/${stage.id('api id')}`),
        http: {
          request: { url: 'https://gql.example.test/graphql', method: 'POST' },
          response: { status: 200 },
        },
        subsegments: [
          {
            id: stage.id('resolver'),
            name: options.field ?? 'Query.order',
            ...stage.span(10, 230),
            subsegments: [
              awsCall(stage, 'table', 'DynamoDB', [30, 200], {
                operation: 'GetItem',
                table_name: table,
                resource_names: [table],
              }),
            ],
          },
        ],
      },
    ],
  };
}
