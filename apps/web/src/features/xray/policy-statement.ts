import type { XRayPermission } from '@spanloom/contract';

interface Place {
  readonly account: string;
  readonly region: string;
}

/**
 * The IAM statements that add what is denied, as JSON to paste into a policy; undefined when nothing is. X-Ray's own
 * actions know no resources, a key's and a log group's do.
 */
export function missingStatement(
  permissions: readonly XRayPermission[],
  { account, region }: Place,
): string | undefined {
  const denied = permissions.filter(({ status }) => status === 'denied').map((one) => one.action);
  const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws';
  const statements = [
    statement(
      'SpanloomXRay',
      denied.filter((action) => !/^(?:kms|logs|sts):/.test(action)),
      '*',
    ),
    statement(
      'SpanloomXRaySpans',
      denied.filter((action) => action.startsWith('logs:')),
      `arn:${partition}:logs:${region}:${account}:log-group:aws/spans:*`,
    ),
    statement(
      'SpanloomXRayKey',
      denied.filter((action) => action.startsWith('kms:')),
      `arn:${partition}:kms:${region}:${account}:key/<id of the key>`,
    ),
  ].filter((one) => one !== undefined);
  if (statements.length === 0) return undefined;
  return JSON.stringify(statements.length === 1 ? statements[0] : statements, null, 2);
}

function statement(
  sid: string,
  actions: readonly string[],
  resource: string,
): Readonly<Record<string, unknown>> | undefined {
  if (actions.length === 0) return undefined;
  return { Sid: sid, Effect: 'Allow', Action: actions.toSorted(), Resource: resource };
}
