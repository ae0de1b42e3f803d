import { ConfigError } from '@spanloom/base';
import { isSupportedPartition, partitionOfRegion } from './partition.ts';

/**
 * A link that opens the AWS console with the stack filled in, ready to be created.
 *
 * CloudFormation reads templates from S3 only, so this needs a bucket the operator has put the template into; without one, the
 * template is downloaded and created by command.
 *
 * @throws {ConfigError} If the template's address is not an S3 address over HTTPS, or the region is in a partition we do not read.
 */
export function quickCreateLink(options: {
  readonly templateUrl: string;
  readonly region: string;
  readonly stackName?: string;
  /** `{ ExternalId: '…' }` */
  readonly parameters?: Readonly<Record<string, string>>;
}): string {
  const partition = partitionOfRegion(options.region);
  if (!isSupportedPartition(partition)) {
    throw new ConfigError(
      `Cannot make a link for region ${options.region}: it is in partition ${partition}; supported are aws and aws-cn`,
    );
  }
  demandS3(options.templateUrl);
  const hash = new URLSearchParams({
    templateURL: options.templateUrl,
    stackName: options.stackName ?? 'spanloom',
    ...Object.fromEntries(
      Object.entries(options.parameters ?? {}).map(([name, value]) => [`param_${name}`, value]),
    ),
  });
  const host =
    partition === 'aws-cn' ? 'console.amazonaws.cn' : `${options.region}.console.aws.amazon.com`;
  const region = encodeURIComponent(options.region);
  // The console reads the part behind # by itself and takes a plus for a plus.
  const filled = hash.toString().replaceAll('+', '%20');
  return `https://${host}/cloudformation/home?region=${region}#/stacks/quickcreate?${filled}`;
}

function demandS3(templateUrl: string): void {
  const url = URL.canParse(templateUrl) ? new URL(templateUrl) : undefined;
  const host =
    /(?:^|\.)s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$|(?:^|\.)s3\.amazonaws\.com$/;
  if (url?.protocol === 'https:' && host.test(url.hostname)) return;
  throw new ConfigError(
    `CloudFormation reads templates from S3 over HTTPS only, found ${JSON.stringify(templateUrl)}`,
  );
}
