import { classifyFailure, type AwsFailure } from '@spanloom/aws';
import type { XRayCalls } from './xray-calls.ts';

/**
 * Regions to look for traces in when none are configured. A region that opened later has to be configured by name: asking AWS for
 * the list would take a permission of another service.
 */
const REGIONS: Readonly<Record<'aws' | 'aws-cn', readonly string[]>> = {
  aws: [
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
    'ca-central-1',
    'ca-west-1',
    'mx-central-1',
    'sa-east-1',
    'eu-west-1',
    'eu-west-2',
    'eu-west-3',
    'eu-central-1',
    'eu-central-2',
    'eu-north-1',
    'eu-south-1',
    'eu-south-2',
    'il-central-1',
    'me-central-1',
    'me-south-1',
    'af-south-1',
    'ap-east-1',
    'ap-east-2',
    'ap-south-1',
    'ap-south-2',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
  ],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
};

const LOOK_BACK_MS = 6 * 3_600_000;
const AT_ONCE = 4;

/** What looking for traces found. */
export interface Discovery {
  readonly active: readonly string[];
  /** Why nothing could be looked at, when that was so everywhere. */
  readonly failure: AwsFailure | undefined;
  /** Traces that AWS looked at for it. */
  readonly scanned: ReadonlyMap<string, number>;
}

/** Asks each region but those in `known` whether it has had traces in the last hours. One page each is enough to tell. */
export async function discoverRegions(options: {
  readonly roleArn: string | undefined;
  readonly known: ReadonlySet<string>;
  readonly now: number;
  readonly connect: (region: string) => XRayCalls;
  readonly signal: AbortSignal;
}): Promise<Discovery> {
  const { roleArn, known, now, connect, signal } = options;
  const partition = roleArn?.startsWith('arn:aws-cn:') === true ? 'aws-cn' : 'aws';
  const regions = REGIONS[partition].filter((region) => !known.has(region));
  const active: string[] = [];
  const scanned = new Map<string, number>();
  const failures: AwsFailure[] = [];
  const queue = [...regions];
  const look = async (): Promise<void> => {
    for (let region = queue.shift(); region !== undefined; region = queue.shift()) {
      signal.throwIfAborted();
      const calls = connect(region);
      try {
        const page = await calls.listTraces(
          {
            from: now - LOOK_BACK_MS,
            to: now,
            by: 'event',
            filter: undefined,
            samplingRate: 1,
            nextToken: undefined,
          },
          signal,
        );
        scanned.set(region, page.scanned);
        if (page.traces.length > 0 || page.nextToken !== undefined) active.push(region);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(classifyFailure(error, 'GetTraceSummaries', region));
      } finally {
        calls.close();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  const allFailed = failures.length === regions.length && regions.length > 0;
  // A region that is not enabled is the account's choice; any other reason says more.
  const failure = failures.find(({ kind }) => kind !== 'region_disabled') ?? failures[0];
  return { active: active.toSorted(), failure: allFailed ? failure : undefined, scanned };
}

/** A discovery's failure, in a sentence. */
export function discoveryWarning(failure: AwsFailure): string {
  const fix = failure.fix === undefined ? '' : `; ${failure.fix}`;
  return `No region could be searched for traces: ${failure.name}: ${failure.message}${fix}`;
}
