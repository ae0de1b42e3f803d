import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Clock, systemClock } from '@spanloom/base';
import { type AwsFailure, type AwsFailureKind, classifyFailure } from './aws-failure.ts';
import type { AwsClientConfig } from './client-config.ts';
import { wrongAccount } from './wrong-account.ts';
import { XRAY_ACTIONS } from './xray-actions.ts';
import { XRayProbes } from './xray-probes.ts';

/** Whether a call is allowed, as just tried. */
export interface PermissionCheck {
  /** `xray:GetTraceSummaries` */
  readonly action: string;
  /** Without it this region cannot be read as it is set up now. */
  readonly required: boolean;
  /** What it is for, as a phrase. */
  readonly purpose: string;
  /** `unknown`: the call failed for another reason or was not made; `failure` says why. */
  readonly status: 'allowed' | 'denied' | 'unknown';
  readonly failure?: AwsFailure;
}

/** How to check. */
export interface CheckOptions {
  /** The account that the credentials should belong to. Not verified when absent. */
  readonly account?: string;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Tries each call the crawler makes, once and cheaply, and says which are allowed. Never throws for what AWS answers.
 *
 * Order matters: who we are comes first, since without credentials nothing else means anything; the destination of segments tells
 * whether Transaction Search's permissions are required; the encryption key is tried by reading one recent trace.
 */
export async function checkXRayAccess(
  config: AwsClientConfig,
  options: CheckOptions = {},
): Promise<PermissionCheck[]> {
  const identity = await checkIdentity(config, options);
  const stopper = identity.find((check) => check.failure !== undefined);
  if (stopper !== undefined) return [...identity, ...untried(stopper.failure)];
  const probes = new XRayProbes(config, options.clock ?? systemClock, options.signal);
  try {
    const checks = [...identity];
    for (const [index, { action, purpose, required }] of XRAY_ACTIONS.entries()) {
      const result = await probes.try(action);
      checks.push({ action, purpose, required: required || probes.isRequired(action), ...result });
      // Where the first call got no answer the others would each wait for theirs.
      if (index === 0 && result.failure !== undefined && PRECLUDES_ALL.has(result.failure.kind)) {
        return [...checks, ...untried(result.failure).slice(1)];
      }
    }
    const key = await probes.tryKey();
    if (key !== undefined) {
      const purpose = 'read traces that a key of yours encrypts';
      checks.push({ action: 'kms:Decrypt', purpose, required: true, ...key });
    }
    return checks;
  } finally {
    probes.close();
  }
}

/** Who the calls are made as. Stops everything else only where nothing could come of it. */
async function checkIdentity(
  config: AwsClientConfig,
  options: CheckOptions,
): Promise<PermissionCheck[]> {
  const checks: PermissionCheck[] = [];
  if (config.credentials !== undefined) {
    const assume = {
      action: 'sts:AssumeRole',
      purpose: "act as the account's role",
      required: true,
    };
    try {
      await config.credentials();
      checks.push({ ...assume, status: 'allowed' });
    } catch (error) {
      const failure = classifyFailure(error, 'sts:AssumeRole', config.region);
      return [{ ...assume, status: failure.kind === 'denied' ? 'denied' : 'unknown', failure }];
    }
  }
  const { account } = options;
  if (account === undefined) return checks;
  const identity = {
    action: 'sts:GetCallerIdentity',
    purpose: 'tell that the credentials are of this account',
    required: true,
  };
  const sts = new STSClient(config);
  try {
    const answer = await sts.send(new GetCallerIdentityCommand({}), abortable(options.signal));
    const failure = wrongAccount(account, answer);
    if (failure === undefined) checks.push({ ...identity, status: 'allowed' });
    else checks.push({ ...identity, status: 'denied', failure });
  } catch (error) {
    const failure = classifyFailure(error, 'sts:GetCallerIdentity', config.region);
    // An STS that cannot be reached says nothing about X-Ray, such as where only X-Ray has a VPC endpoint.
    if (failure.kind !== 'unreachable' && PRECLUDES_ALL.has(failure.kind)) {
      checks.push({ ...identity, status: 'unknown', failure });
    }
  } finally {
    sts.destroy();
  }
  return checks;
}

/** Kinds of failure after which no other call can work either. */
const PRECLUDES_ALL: ReadonlySet<AwsFailureKind> = new Set([
  'no_credentials',
  'bad_credentials',
  'region_disabled',
  'unreachable',
  'expired',
  'clock',
]);

function untried(failure: AwsFailure | undefined): PermissionCheck[] {
  return XRAY_ACTIONS.map(({ action, purpose, required }) => ({
    action,
    purpose,
    required,
    status: 'unknown',
    ...(failure === undefined ? {} : { failure }),
  }));
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
