import { SpanloomError } from '@spanloom/base';
import type { XRayRegionStatus, XRayStatusResponse } from '@spanloom/contract';
import type { Call } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What to say of a server that reads no X-Ray. */
export const NOT_CONFIGURED =
  "No AWS account is configured, so X-Ray is not read: name one under aws.accounts in the server's configuration file " +
  '("spanloom aws policy" prints what its role needs)';

/** X-Ray is not read by this server. */
class NotConfiguredError extends SpanloomError {
  override readonly name = 'NotConfiguredError';
  readonly code = 'XRAY_NOT_CONFIGURED';
}

/**
 * The state of X-Ray on the server.
 * @throws {NotConfiguredError} If no account is configured.
 */
export async function readXRayStatus(call: Call): Promise<XRayStatusResponse> {
  const status = await call.server.get<XRayStatusResponse>('/api/xray/status');
  if (!status.enabled) throw new NotConfiguredError(NOT_CONFIGURED);
  return status;
}

/**
 * The one region that `--account` and `--region` leave.
 * @throws {UsageError} If they leave none or several, with those there are.
 */
export function chooseRegion(call: Call, regions: readonly XRayRegionStatus[]): XRayRegionStatus {
  const account = call.option('account');
  const region = call.option('region');
  const left = regions.filter(
    (one) => (account ?? one.account) === one.account && (region ?? one.region) === one.region,
  );
  if (left.length === 1) return left[0]!;
  const known = (left.length === 0 ? regions : left).map((one) => `${one.account} ${one.region}`);
  throw new UsageError(
    left.length === 0
      ? `The server does not read ${[account, region].filter(Boolean).join(' ')}; it reads ${known.join(', ')}`
      : `Say which with --account and --region; the server reads ${known.join(', ')}`,
  );
}
