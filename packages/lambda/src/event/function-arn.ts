import { textOf } from '../loose.ts';

/** What the ARN that a function was invoked by says. */
export interface FunctionArn {
  /** Without version or alias, lower-case. */
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
  /** Version or alias; empty if it was invoked without. */
  readonly qualifier: string;
}

let last: { readonly text: unknown; readonly parsed: FunctionArn } | undefined;

/** Takes the ARN apart. What it does not say is empty. One function is nearly always invoked by the same ARN. */
export function parseFunctionArn(text: unknown): FunctionArn {
  if (last !== undefined && last.text === text) return last.parsed;
  const parts = (textOf(text) ?? '').split(':');
  const region = parts[3] ?? process.env['AWS_REGION'] ?? '';
  const parsed = {
    arn: parts.slice(0, 7).join(':').toLowerCase(),
    partition: region.startsWith('us-gov-')
      ? 'aws-us-gov'
      : region.startsWith('cn-')
        ? 'aws-cn'
        : 'aws',
    region,
    account: parts[4] ?? '',
    name: parts[6] ?? '',
    qualifier: parts[7] ?? '',
  };
  last = { text, parsed };
  return parsed;
}
