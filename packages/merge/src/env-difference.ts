import type { PairAccounts } from './metadata-trust.ts';
import type { Pair } from './pairs.ts';

/** Two units that would be one trace but for what they say about where they are from. */
export interface EnvMismatch {
  /**
   * `env`: they are of different environments. `account`: one states none, and nothing but a segment from another account ties them.
   * `split`: they are one X-Ray trace that crosses environments, and each is of another trace besides.
   */
  readonly cause: 'env' | 'account' | 'split';
  readonly pair: Pair;
  readonly envs: ReadonlySet<string>;
  readonly xrayEnvs: ReadonlySet<string>;
  /** With `account`. */
  readonly accounts?: PairAccounts;
}

/** What to say about a mismatch, wherever it is reported. */
export function envDifference(mismatch: EnvMismatch): { evidence: string[]; fix: string } {
  const { cause, envs, xrayEnvs, accounts } = mismatch;
  const apm = listed(envs);
  const xray = listed(xrayEnvs);
  if (cause === 'split') {
    return {
      evidence: [`Segments of one X-Ray trace are of environments ${apm} and ${xray}`],
      fix: 'Where this is one environment, annotate all X-Ray segments with the same env',
    };
  }
  if (accounts !== undefined) {
    const [theirs, ours] = [accounts.xray.join(', '), accounts.other.join(', ')];
    return {
      evidence: [
        `The tracer's spans are of environment ${apm} and account ${ours}, X-Ray's of environment ${xray} and account ${theirs}; that X-Ray names the trace is not enough`,
      ],
      fix: `Set DD_ENV, and env of account ${theirs} in the configuration, to the same value`,
    };
  }
  return {
    evidence: [`The tracer's spans are of environment ${apm}, X-Ray's of ${xray}`],
    fix:
      xrayEnvs.size === 0
        ? 'Two environments claim one X-Ray trace: give the services of one request the same DD_ENV, or annotate X-Ray segments with env'
        : `Set DD_ENV and the X-Ray annotation env (or the account's env in the configuration) to the same value`,
  };
}

function listed(envs: ReadonlySet<string>): string {
  return [...envs].toSorted().join(', ') || 'none';
}
