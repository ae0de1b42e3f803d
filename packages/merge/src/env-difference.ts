/** What to say about two environments: used wherever a mismatch is reported. */
export function envDifference(
  envs: ReadonlySet<string>,
  xrayEnvs: ReadonlySet<string>,
): { evidence: string[]; fix: string } {
  const apm = [...envs].toSorted().join(', ') || 'none';
  const xray = [...xrayEnvs].toSorted().join(', ') || 'none';
  return {
    evidence: [`The tracer's spans are of environment ${apm}, X-Ray's of ${xray}`],
    fix:
      xrayEnvs.size === 0
        ? 'Two environments claim one X-Ray trace: give the services of one request the same DD_ENV, or annotate X-Ray segments with env'
        : `Set DD_ENV and the X-Ray annotation env (or the account's env in the configuration) to the same value`,
  };
}
