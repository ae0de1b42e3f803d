import { ServiceError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { OperationContext } from '../operations/operation.ts';
import { optionalNumber, optionalText } from '../wire/input.ts';
import { filterPattern } from './filter-pattern.ts';
import type { SpanEvent } from './span-events.ts';

/** The log group of Transaction Search. */
const spansLogGroup = 'aws/spans';

const pageLimit = 10_000;

/** `FilterLogEvents` for the one log group there is. */
export function filterLogEvents(input: JsonObject, context: OperationContext): JsonObject {
  const { region, tokens } = context;
  requireSpansGroup(input, context);
  const from = optionalNumber(input, 'startTime') ?? 0;
  const to = optionalNumber(input, 'endTime') ?? region.now;
  const limit = optionalNumber(input, 'limit') ?? pageLimit;
  if (limit < 1 || limit > pageLimit) {
    throw new ServiceError(
      'InvalidParameterException',
      400,
      `limit must be from 1 to ${pageLimit}`,
    );
  }
  const test = filterPattern(optionalText(input, 'filterPattern'));
  const token = optionalText(input, 'nextToken');
  const scope = `FilterLogEvents ${region.account} ${region.region}`;
  const found =
    token === undefined
      ? region.spanEvents(from, to).filter((one) => test(one.message))
      : (tokens.redeem(scope, input, token) as readonly SpanEvent[]);
  const rest = found.slice(limit);
  return {
    events: found.slice(0, limit),
    searchedLogStreams: [],
    ...(rest.length > 0 ? { nextToken: tokens.issue(scope, input, rest) } : {}),
  };
}

/** `DescribeLogGroups`: `aws/spans`, once it exists. */
export function describeLogGroups(input: JsonObject, { region }: OperationContext): JsonObject {
  const prefix = optionalText(input, 'logGroupNamePrefix') ?? '';
  const pattern = optionalText(input, 'logGroupNamePattern') ?? '';
  const exists =
    region.hasSpansLogGroup && spansLogGroup.startsWith(prefix) && spansLogGroup.includes(pattern);
  const arn = `arn:aws:logs:${region.region}:${region.account}:log-group:${spansLogGroup}`;
  return {
    logGroups: exists
      ? [{ logGroupName: spansLogGroup, arn: `${arn}:*`, logGroupArn: arn, creationTime: 0 }]
      : [],
  };
}

function requireSpansGroup(input: JsonObject, { region }: OperationContext): void {
  const name =
    optionalText(input, 'logGroupName') ??
    optionalText(input, 'logGroupIdentifier')?.replace(/^arn:.*:log-group:|:\*$/g, '');
  if (name !== spansLogGroup || !region.hasSpansLogGroup) {
    throw new ServiceError(
      'ResourceNotFoundException',
      400,
      'The specified log group does not exist.',
    );
  }
}
