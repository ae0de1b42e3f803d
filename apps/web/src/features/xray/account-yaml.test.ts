import { expect, test } from 'vitest';
import { accountProblem, accountYaml, emptyDraft } from './account-yaml.ts';

test('accountYaml() shows what to fill in', () => {
  expect(accountYaml(emptyDraft)).toBe(`aws:
  accounts:
    - id: "<12 digits>"
      regions: [<region>]
      xray: { enabled: true, poll_seconds: 60 }
`);
});

test('accountYaml() writes what was filled in', () => {
  expect(
    accountYaml({
      account: ' 123456789012 ',
      regions: 'eu-west-1, us-east-1',
      env: 'prod',
      role: 'arn:aws:iam::123456789012:role/SpanloomIntegration',
      externalId: 'a "b"',
    }),
  ).toBe(`aws:
  accounts:
    - id: "123456789012"
      regions: [eu-west-1, us-east-1]
      role_arn: arn:aws:iam::123456789012:role/SpanloomIntegration
      external_id: "a \\"b\\""
      env: "prod"
      xray: { enabled: true, poll_seconds: 60 }
`);
});

test.each([
  [{}, undefined],
  [{ account: '123456789012', regions: 'eu-west-1 cn-north-1' }, undefined],
  [{ account: '12345678901' }, 'An account ID has 12 digits'],
  [{ regions: 'eu-west-1,ireland' }, 'ireland is not a region such as eu-west-1'],
  [{ regions: 'us-gov-west-1' }, 'Only the partitions aws and aws-cn can be read'],
  [{ role: 'SpanloomIntegration' }, 'A role reads arn:aws:iam::123456789012:role/Name'],
])('accountProblem() of %j', (fields, problem) => {
  expect(accountProblem({ ...emptyDraft, ...fields })).toBe(problem);
});
