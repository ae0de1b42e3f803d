/** A set of regions with accounts, credentials and host names of its own. */
export type Partition = 'aws' | 'aws-cn';

// Longest prefix first: `us-isob-` must not be taken for `us-iso-`. Whatever is not listed here is a region of `aws`, so that
// a region which opens tomorrow needs no release of ours.
const PREFIXES: readonly (readonly [prefix: string, partition: string])[] = [
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-iso-', 'aws-iso'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['cn-', 'aws-cn'],
];

/** Which partition a region belongs to, also when it is one we refuse: `us-gov-west-1` gives `aws-us-gov`. */
export function partitionOfRegion(region: string): string {
  return PREFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** Whether we read X-Ray there. */
export function isSupportedPartition(partition: string): partition is Partition {
  return partition === 'aws' || partition === 'aws-cn';
}

// Regions that every account has from the start. AWS added none to this list since March 2019: newer ones must be enabled.
const ALWAYS_ENABLED: ReadonlySet<string> = new Set([
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'cn-north-1',
  'cn-northwest-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]);

/** Whether an account has to enable a region before anything can be called there. */
export function mustBeEnabled(region: string): boolean {
  return !ALWAYS_ENABLED.has(region);
}
