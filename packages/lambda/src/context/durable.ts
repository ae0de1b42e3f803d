import { isObject, parseObject, textOf, type Loose } from '../loose.ts';

/** The trace headers that an earlier invocation of a durable execution left behind: the checkpoint with the highest number. */
export function durableCarrier(event: Loose): Loose | undefined {
  const operations: unknown = event['InitialExecutionState']?.['Operations'];
  if (!Array.isArray(operations)) return undefined;
  let newest = -1;
  let carrier: Loose | undefined;
  for (const operation of operations as (Loose | undefined)[]) {
    const number = /^_datadog_(0|[1-9]\d*)$/.exec(textOf(operation?.['Name']) ?? '')?.[1];
    if (number === undefined || Number(number) <= newest) continue;
    newest = Number(number);
    carrier = parseObject(operation?.['Payload'] ?? operation?.['StepDetails']?.['Result']);
  }
  return carrier;
}

/** Tags of the execution that an invocation belongs to. */
export function durableTags(event: unknown): Record<string, string> | undefined {
  const arn = isObject(event) ? textOf(event['DurableExecutionArn']) : undefined;
  const match = /\/durable-execution\/([^/]+)\/([^/]+)$/.exec(arn ?? '');
  if (match === null) return undefined;
  const operations: unknown = (event as Loose)['InitialExecutionState']?.['Operations'];
  return {
    'aws.durable.execution_name': match[1]!,
    'aws.durable.execution_id': match[2]!,
    ...(Array.isArray(operations)
      ? { 'aws.durable.first_invocation': String(operations.length === 1) }
      : {}),
  };
}

/** The status that a durable execution answered with, if it is one of the known ones. */
export function durableStatus(result: unknown): string | undefined {
  const status = isObject(result) ? textOf(result['Status']) : undefined;
  return /^(?:SUCCEEDED|FAILED|PENDING)$/.test(status ?? '') ? status : undefined;
}
