/** What the configuration file says of an account. */
export interface AccountDraft {
  readonly account: string;
  /** As typed: separated by commas or spaces. */
  readonly regions: string;
  readonly env: string;
  readonly role: string;
  readonly externalId: string;
}

export const emptyDraft: AccountDraft = {
  account: '',
  regions: '',
  env: '',
  role: '',
  externalId: '',
};

/** The lines of the configuration file for an account; what is not filled in stands in angle brackets. */
export function accountYaml(draft: AccountDraft): string {
  const regions = draft.regions.split(/[\s,]+/).filter((region) => region !== '');
  return [
    'aws:',
    '  accounts:',
    `    - id: ${quoted(draft.account.trim() || '<12 digits>')}`,
    `      regions: [${regions.length === 0 ? '<region>' : regions.join(', ')}]`,
    ...(draft.role.trim() === '' ? [] : [`      role_arn: ${draft.role.trim()}`]),
    ...(draft.externalId.trim() === ''
      ? []
      : [`      external_id: ${quoted(draft.externalId.trim())}`]),
    ...(draft.env.trim() === '' ? [] : [`      env: ${quoted(draft.env.trim())}`]),
    '      xray: { enabled: true, poll_seconds: 60 }',
    '',
  ].join('\n');
}

/** What is wrong with what was typed so far; undefined while nothing is. */
export function accountProblem(draft: AccountDraft): string | undefined {
  if (draft.account.trim() !== '' && !/^\d{12}$/.test(draft.account.trim()))
    return 'An account ID has 12 digits';
  const odd = draft.regions
    .split(/[\s,]+/)
    .find((region) => region !== '' && !/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region));
  if (odd !== undefined) return `${odd} is not a region such as eu-west-1`;
  if (/(?:^|[\s,])(?:us-gov|us-iso|us-isob|eu-isoe|us-isof|eusc)-/.test(draft.regions))
    return 'Only the partitions aws and aws-cn can be read';
  if (
    draft.role.trim() !== '' &&
    !/^arn:aws(?:-cn)?:iam::\d{12}:role\/\S+$/.test(draft.role.trim())
  )
    return 'A role reads arn:aws:iam::123456789012:role/Name';
  return undefined;
}

/** As YAML text: an account ID is no number, and an env may look like one. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
