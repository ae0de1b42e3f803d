import type { AwsFailure } from '@spanloom/aws';
import type { XRayReadMode } from '@spanloom/metadata';

/** That it is not known where X-Ray puts segments, and what is done without. */
export function modeWarning(failure: AwsFailure, mode: XRayReadMode): string {
  const { name, fix = 'It is asked again at a later poll' } = failure;
  if (mode === 'unknown') {
    return `Whether Transaction Search is on is not known (${name}); if it is, only a part of the traces is seen. ${fix}`;
  }
  const last = mode === 'transaction-search' ? 'on' : 'off';
  return `Whether Transaction Search is still ${last} is not known (${name}); traces are read as if it were. ${fix}`;
}
