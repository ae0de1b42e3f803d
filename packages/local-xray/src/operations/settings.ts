import { invalidRequest } from '../errors.ts';
import { fieldOf, numberOf, textOf, type JsonObject } from '../json.ts';
import { optionalText } from '../wire/input.ts';
import type { OperationContext } from './operation.ts';

/** `GetEncryptionConfig`. */
export function getEncryptionConfig(_: JsonObject, { region }: OperationContext): JsonObject {
  return { EncryptionConfig: region.encryption };
}

/** `PutEncryptionConfig`: with a key, the old and the new one are both in use for a while. */
export function putEncryptionConfig(input: JsonObject, { region }: OperationContext): JsonObject {
  const type = optionalText(input, 'Type');
  const key = optionalText(input, 'KeyId');
  if (type === 'NONE') region.encryption = { Type: 'NONE', Status: 'ACTIVE' };
  else if (type === 'KMS' && key !== undefined) {
    region.encryption = { Type: 'KMS', Status: 'UPDATING', KeyId: key };
  } else throw invalidRequest('Type must be NONE, or KMS with a KeyId');
  return { EncryptionConfig: region.encryption };
}

/** `GetTraceSegmentDestination`. */
export function getTraceSegmentDestination(
  _: JsonObject,
  { region }: OperationContext,
): JsonObject {
  return { ...region.destination };
}

/** `UpdateTraceSegmentDestination`. */
export function updateTraceSegmentDestination(
  input: JsonObject,
  { region, destinationPendingMs }: OperationContext,
): JsonObject {
  const destination = optionalText(input, 'Destination');
  if (destination !== 'XRay' && destination !== 'CloudWatchLogs') {
    throw invalidRequest('Destination must be XRay or CloudWatchLogs');
  }
  region.switchDestination(destination, destinationPendingMs);
  return { ...region.destination };
}

/** `GetIndexingRules`: there is one, `Default`. */
export function getIndexingRules(_: JsonObject, { region }: OperationContext): JsonObject {
  return { IndexingRules: [indexingRule(region.indexingPercentage)] };
}

/** `UpdateIndexingRule`. */
export function updateIndexingRule(input: JsonObject, { region }: OperationContext): JsonObject {
  if (optionalText(input, 'Name') !== 'Default') throw invalidRequest('There is no such rule');
  const percentage = numberOf(fieldOf(input['Rule'], 'Probabilistic')['DesiredSamplingPercentage']);
  if (percentage === undefined || percentage < 0 || percentage > 100) {
    throw invalidRequest('DesiredSamplingPercentage must be from 0 to 100');
  }
  region.indexingPercentage = percentage;
  return { IndexingRule: indexingRule(percentage) };
}

/** `GetSamplingRules`. */
export function getSamplingRules(_: JsonObject, { region }: OperationContext): JsonObject {
  return {
    SamplingRuleRecords: region.samplingRules.map((rule) => ({
      SamplingRule: {
        ...rule,
        RuleARN: `arn:aws:xray:${region.region}:${region.account}:sampling-rule/${rule.RuleName}`,
        Attributes: {},
      },
      CreatedAt: 0,
      ModifiedAt: 0,
    })),
  };
}

/** `GetSamplingTargets`: each client may use the whole reservoir. */
export function getSamplingTargets(input: JsonObject, { region }: OperationContext): JsonObject {
  const documents = input['SamplingStatisticsDocuments'];
  if (!Array.isArray(documents))
    throw invalidRequest('SamplingStatisticsDocuments must be specified');
  const targets: JsonObject[] = [];
  const unprocessed: JsonObject[] = [];
  for (const document of documents) {
    const name = textOf(fieldOf({ document }, 'document')['RuleName']);
    const rule = region.samplingRules.find((one) => one.RuleName === name);
    if (rule === undefined) {
      unprocessed.push({ RuleName: name, ErrorCode: '400', Message: 'Unknown rule' });
    } else {
      targets.push({
        RuleName: rule.RuleName,
        FixedRate: rule.FixedRate,
        ReservoirQuota: rule.ReservoirSize,
        ReservoirQuotaTTL: Math.floor(region.now / 1000) + 10,
        Interval: 10,
      });
    }
  }
  return {
    SamplingTargetDocuments: targets,
    LastRuleModification: 0,
    UnprocessedStatistics: unprocessed,
  };
}

/** `GetGroups`. */
export function getGroups(_: JsonObject, context: OperationContext): JsonObject {
  return { Groups: context.region.groups.map((one) => groupOf(one, context)) };
}

/** `GetGroup`, by name or ARN. */
export function getGroup(input: JsonObject, context: OperationContext): JsonObject {
  const name = optionalText(input, 'GroupName') ?? optionalText(input, 'GroupARN')?.split('/')[1];
  const group = context.region.groups.find((one) => one.GroupName === name);
  if (group === undefined) throw invalidRequest(`Group not found: ${name}`);
  return { Group: groupOf(group, context) };
}

function groupOf(group: { GroupName: string }, { region }: OperationContext): JsonObject {
  return {
    ...group,
    GroupARN: `arn:aws:xray:${region.region}:${region.account}:group/${group.GroupName}/LOCAL`,
    InsightsConfiguration: { InsightsEnabled: false, NotificationsEnabled: false },
  };
}

function indexingRule(percentage: number): JsonObject {
  return {
    Name: 'Default',
    ModifiedAt: 0,
    Rule: {
      Probabilistic: {
        DesiredSamplingPercentage: percentage,
        ActualSamplingPercentage: percentage,
      },
    },
  };
}
