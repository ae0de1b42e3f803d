import { expect, test } from 'vitest';
import { newExternalId } from './external-id.ts';
import { quickCreateLink } from './quick-create-link.ts';

const templateUrl = 'https://acme-templates.s3.eu-west-1.amazonaws.com/spanloom.yaml';

test('quickCreateLink() fills in template, stack and parameters', () => {
  expect(
    quickCreateLink({ templateUrl, region: 'eu-west-1', parameters: { ExternalId: 'a b+c' } }),
  ).toBe(
    'https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/quickcreate' +
      '?templateURL=https%3A%2F%2Facme-templates.s3.eu-west-1.amazonaws.com%2Fspanloom.yaml&stackName=spanloom&param_ExternalId=a%20b%2Bc',
  );
});

test('quickCreateLink() leads to the console of China for a region of China', () => {
  const link = quickCreateLink({
    templateUrl: 'https://acme.s3.cn-north-1.amazonaws.com.cn/spanloom.yaml',
    region: 'cn-north-1',
  });
  expect(new URL(link).host).toBe('console.amazonaws.cn');
});

test.each([
  'http://acme.s3.eu-west-1.amazonaws.com/t.yaml',
  'https://spanloom.example/t.yaml',
  'https://s3.amazonaws.com.evil.example/t.yaml',
  'spanloom.yaml',
])('quickCreateLink() refuses the template %s', (wrong) => {
  expect(() => quickCreateLink({ templateUrl: wrong, region: 'eu-west-1' })).toThrow(
    `CloudFormation reads templates from S3 over HTTPS only, found "${wrong}"`,
  );
});

test('quickCreateLink() refuses a region of GovCloud', () => {
  expect(() => quickCreateLink({ templateUrl, region: 'us-gov-west-1' })).toThrow(
    'Cannot make a link for region us-gov-west-1: it is in partition aws-us-gov; supported are aws and aws-cn',
  );
});

test('newExternalId() is long, of the characters IAM accepts, and new each time', () => {
  const ids = Array.from({ length: 100 }, newExternalId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
