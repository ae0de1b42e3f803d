import { fieldOf, textOf, type JsonObject } from '../json.ts';
import { derivedId } from '../trace-id.ts';

/** What the callee of an AWS call is called, and what kind of node it is. */
interface Callee {
  readonly name: string;
  readonly origin: string | undefined;
}

/**
 * The segment that X-Ray makes up for a callee that reported nothing: same times and flags as the call, child of the call.
 *
 * @returns `undefined` if the subsegment is no call to another service.
 */
export function inferredSegment(call: JsonObject, traceId: string): JsonObject | undefined {
  const namespace = call['namespace'];
  if (namespace !== 'aws' && namespace !== 'remote') return undefined;
  const id = textOf(call['id']);
  if (id === undefined) return undefined;
  const { name, origin } = calleeOf(call);
  const segment: JsonObject = {
    id: derivedId(`inferred ${traceId} ${id}`),
    name,
    trace_id: traceId,
    parent_id: id,
    start_time: call['start_time'],
  };
  for (const field of ['end_time', 'in_progress', 'http', 'aws', 'error', 'throttle', 'fault']) {
    if (call[field] !== undefined) segment[field] = call[field];
  }
  if (origin !== undefined) segment['origin'] = origin;
  segment['inferred'] = true;
  return segment;
}

function calleeOf(call: JsonObject): Callee {
  const name = textOf(call['name']) ?? '';
  if (call['sql'] !== undefined) return { name, origin: 'Database::SQL' };
  if (call['namespace'] === 'remote') return { name, origin: undefined };
  const aws = fieldOf(call, 'aws');
  const named = (...fields: string[]): string => {
    for (const field of fields) {
      const value = textOf(aws[field]);
      if (value !== undefined)
        return value.slice(Math.max(...['/', ':'].map((mark) => value.lastIndexOf(mark))) + 1);
    }
    return name;
  };
  switch (name.toLowerCase()) {
    case 'dynamodb':
      return { name: named('table_name'), origin: 'AWS::DynamoDB::Table' };
    case 's3':
      return { name: named('bucket_name'), origin: 'AWS::S3::Bucket' };
    case 'sqs':
      return { name: named('queue_name', 'queue_url'), origin: 'AWS::SQS::Queue' };
    case 'sns':
      return { name: named('topic_arn'), origin: 'AWS::SNS' };
    case 'lambda':
      return { name: named('function_name'), origin: 'AWS::Lambda' };
    case 'events':
    case 'eventbridge':
      return { name: 'Events', origin: 'AWS::Events' };
    case 'sfn':
    case 'stepfunctions':
      return { name: named('state_machine_arn'), origin: 'AWS::StepFunctions::StateMachine' };
    default:
      return { name, origin: `AWS::${name}` };
  }
}
