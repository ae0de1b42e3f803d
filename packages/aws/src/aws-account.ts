import { ConfigError } from '@spanloom/base';
import { isSupportedPartition, partitionOfRegion } from './partition.ts';

/** An account of AWS as it is configured. */
export interface AwsAccount {
  /** Twelve digits. */
  readonly id: string;
  readonly regions: readonly string[];
  /** The role to assume. Without one, what the SDK finds by itself is used: environment, profile, container or instance role. */
  readonly roleArn?: string;
  /** What the role's trust policy asks for. */
  readonly externalId?: string;
  /** For traces that do not say which environment they belong to. */
  readonly env?: string;
}

/**
 * Refuses accounts that cannot be read, before any call is made: the SDK itself signs requests for every partition it has heard of.
 *
 * @throws {ConfigError} If a region or the role is in a partition other than `aws` and `aws-cn`, if they are in different ones, or
 *   if the role's ARN is none or is of another account.
 */
export function demandSupportedPartition(account: AwsAccount): void {
  const role = account.roleArn === undefined ? undefined : parseRoleArn(account, account.roleArn);
  const places = [
    ...(role === undefined ? [] : [{ what: `role ${role.arn}`, partition: role.partition }]),
    ...account.regions.map((region) => ({
      what: `region ${region}`,
      partition: partitionOfRegion(region),
    })),
  ];
  for (const { partition } of places) {
    if (isSupportedPartition(partition)) continue;
    throw new ConfigError(
      `XRAY_PARTITION_UNSUPPORTED: account ${account.id} is in partition ${partition}; the X-Ray crawler supports aws and aws-cn`,
    );
  }
  const [first] = places;
  const other = places.find((place) => place.partition !== first?.partition);
  if (first !== undefined && other !== undefined) {
    throw new ConfigError(
      `XRAY_PARTITION_UNSUPPORTED: account ${account.id} mixes partitions: ${first.what} is in ${first.partition}, ` +
        `${other.what} is in ${other.partition}; configure an account of its own for each`,
    );
  }
}

function parseRoleArn(account: AwsAccount, arn: string): { arn: string; partition: string } {
  const match = /^arn:([a-z0-9-]+):iam::(\d{12}):role\/.+$/.exec(arn);
  if (match === null) {
    throw new ConfigError(
      `Role of account ${account.id} must look like arn:aws:iam::${account.id}:role/SpanloomIntegration, found ${JSON.stringify(arn)}`,
    );
  }
  if (match[2] !== account.id) {
    throw new ConfigError(
      `Role ${arn} belongs to account ${match[2]}, but is configured for account ${account.id}`,
    );
  }
  return { arn, partition: match[1]! };
}
