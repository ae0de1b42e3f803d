import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeServer, type Route } from '../testing/fake-server.ts';
import { spanloom } from '../testing/run-command.ts';

const key = 'arn:aws:kms:eu-west-1:111122223333:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e';

test('aws policy prints the least that reading X-Ray needs', async () => {
  const { code, stdout, stderr } = await spanloom(['aws', 'policy']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SpanloomXRayRead',
        Effect: 'Allow',
        Action: ['xray:GetTraceSummaries', 'xray:BatchGetTraces'],
        Resource: '*',
      },
      {
        Sid: 'SpanloomXRayInspect',
        Effect: 'Allow',
        Action: [
          'xray:GetEncryptionConfig',
          'xray:GetTraceSegmentDestination',
          'xray:GetIndexingRules',
        ],
        Resource: '*',
      },
    ],
  });
});

test('aws policy adds features, keys, the account and the partition', async () => {
  const { stdout } = await spanloom([
    'aws',
    'policy',
    '--feature',
    'transaction-search',
    '--feature',
    `kms=${key}`,
    '--account',
    '111122223333',
    '--partition',
    'aws-cn',
  ]);
  const { Statement: statements } = JSON.parse(stdout) as {
    Statement: { Sid: string; Resource: unknown }[];
  };
  expect(statements.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
    ['SpanloomXRayRead', '*'],
    ['SpanloomXRayInspect', '*'],
    ['SpanloomXRayRetrieve', '*'],
    ['SpanloomSpansLogGroup', 'arn:aws-cn:logs:*:111122223333:log-group:aws/spans:*'],
    ['SpanloomXRayKey', key],
  ]);
});

test('aws policy prints a template with the external id that is given', async () => {
  const { code, stdout, stderr } = await spanloom([
    'aws',
    'policy',
    '--format',
    'cloudformation',
    '--external-id',
    'given-0123456789-0123456789-0123456789',
    '--principal',
    'arn:aws:iam::444455556666:role/server',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^AWSTemplateFormatVersion: "2010-09-09"\n/);
  expect(stdout).toContain('    Default: "given-0123456789-0123456789-0123456789"\n');
  expect(stdout).toContain('    Default: "arn:aws:iam::444455556666:role/server"\n');
});

test('aws policy makes up an external id and says where it goes', async () => {
  const { stdout, stderr } = await spanloom(['aws', 'policy', '--format', 'cloudformation']);
  const id = /external_id: "([A-Za-z0-9_-]{43})"/.exec(stderr)?.[1];
  expect(stdout).toContain(`    Default: "${id}"\n`);
});

test('aws policy prints a link to a template in S3', async () => {
  const { stdout } = await spanloom([
    'aws',
    'policy',
    '--template-url',
    'https://acme.s3.amazonaws.com/t.yaml',
    '--region',
    'eu-west-1',
    '--external-id',
    'x'.repeat(32),
  ]);
  expect(stdout).toBe(
    `https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/quickcreate?templateURL=https%3A%2F%2Facme.s3.amazonaws.com%2Ft.yaml&stackName=spanloom&param_ExternalId=${'x'.repeat(32)}\n`,
  );
});

test.each([
  [
    ['--feature', 'lambda'],
    '--feature must be xray, transaction-search or kms=KEY-ARN, found "lambda"\n',
  ],
  [
    ['--feature', 'kms=mine'],
    'KMS key must be given as arn:aws:kms:eu-west-1:111122223333:key/<id>, found "mine"\n',
  ],
  [['--format', 'terraform'], '--format must be json or cloudformation, found "terraform"\n'],
])('aws policy %j is wrong usage', async (args, stderr) => {
  expect(await spanloom(['aws', 'policy', ...args])).toEqual({ code: 2, stdout: '', stderr });
});

const POSTS = [
  'TraceSummaries',
  'Traces',
  'EncryptionConfig',
  'GetTraceSegmentDestination',
  'GetIndexingRules',
  'StartTraceRetrieval',
  'ListRetrievedTraces',
  'CancelTraceRetrieval',
];

/** AWS where every call is allowed but those given here. */
async function startAws(routes: Readonly<Record<string, Route>> = {}): Promise<FakeServer> {
  const allowed = Object.fromEntries(POSTS.map((path) => [`POST /${path}`, () => ({})]));
  // STS and CloudWatch Logs share the path; both are told by what they ask for.
  return await FakeServer.start({ ...allowed, 'POST /': () => ({}), ...routes });
}

function awsEnv(aws: FakeServer): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.url,
    // Identity is not what these tests are about, and its answer is no JSON.
    AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLEEXAMPLE00',
    AWS_SECRET_ACCESS_KEY: 'not-a-secret',
  };
}

const refused: Route = (_, response) => {
  const message =
    'User: arn:aws:iam::111122223333:user/me is not authorized to perform: xray:BatchGetTraces';
  response.writeHead(403, {
    'content-type': 'application/json',
    'x-amzn-errortype': 'AccessDeniedException',
  });
  response.end(JSON.stringify({ message }));
};

test('aws check prints a line for each call, and what to add', async () => {
  await using aws = await startAws({ 'POST /Traces': refused });
  expect(
    await spanloom(
      ['aws', 'check', '--account', '111122223333', '--region', 'eu-west-1'],
      awsEnv(aws),
    ),
  ).toEqual({
    code: 1,
    stdout: `111122223333 eu-west-1
STATUS   CALL                             NEED      WHAT FOR
allowed  xray:GetTraceSummaries           required  find new and growing traces
denied   xray:BatchGetTraces              required  read traces
allowed  xray:GetEncryptionConfig         optional  tell whether a key of yours encrypts the traces
allowed  xray:GetTraceSegmentDestination  optional  tell whether Transaction Search is on
allowed  xray:GetIndexingRules            optional  tell which share of traces Transaction Search indexes
allowed  xray:StartTraceRetrieval         optional  read traces kept by Transaction Search
allowed  xray:ListRetrievedTraces         optional  read traces kept by Transaction Search
allowed  xray:CancelTraceRetrieval        optional  end retrievals that are no longer needed
allowed  logs:FilterLogEvents             optional  find traces in the log group aws/spans, where Transaction Search keeps them

xray:BatchGetTraces: User: arn:aws:iam::111122223333:user/me is not authorized to perform: xray:BatchGetTraces
  To do: Add this statement to the policy of arn:aws:iam::111122223333:user/me: {"Effect":"Allow","Action":"xray:BatchGetTraces","Resource":"*"}

`,
    stderr: 'Trying 111122223333 eu-west-1\n',
  });
});

function configFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'spanloom-config-')), 'spanloom.yaml');
  writeFileSync(file, text);
  return file;
}

const twoAccounts = `
port: 7070
aws:
  accounts:
    - id: "111122223333"
      regions: [eu-west-1, us-east-1]
      env: prod
      xray: { poll_seconds: 30 }
    - id: 444455556666
      regions: [eu-north-1]
`;

test('aws check goes through the accounts and regions of the configuration file', async () => {
  await using aws = await startAws();
  const config = configFile(twoAccounts);
  const args = ['aws', 'check', '--json'];
  const { code, stdout } = await spanloom(args, { ...awsEnv(aws), SPANLOOM_CONFIG: config });
  const { ok, regions } = JSON.parse(stdout) as {
    ok: boolean;
    regions: { account: string; region: string; ok: boolean }[];
  };
  expect({
    code,
    ok,
    regions: regions.map((one) => `${one.account} ${one.region} ${one.ok}`),
  }).toEqual({
    code: 0,
    ok: true,
    regions: [
      '111122223333 eu-west-1 true',
      '111122223333 us-east-1 true',
      '444455556666 eu-north-1 true',
    ],
  });
  const one = await spanloom(
    [...args, '--config', config, '--account', '111122223333', '--region', 'us-east-1'],
    awsEnv(aws),
  );
  expect((JSON.parse(one.stdout) as { regions: unknown[] }).regions).toMatchObject([
    { account: '111122223333', region: 'us-east-1' },
  ]);
});

test('aws check fails without credentials, and says what to do once', async () => {
  await using aws = await startAws();
  const { code, stdout } = await spanloom(
    ['aws', 'check', '--account', '111122223333', '--region', 'eu-west-1'],
    {
      AWS_ENDPOINT_URL: aws.url,
    },
  );
  expect(code).toBe(1);
  expect(stdout.match(/To do: Give the server credentials/g)).toHaveLength(1);
  expect(aws.asked).toEqual([]);
});

test('aws check refuses GovCloud before any call', async () => {
  await using aws = await startAws();
  expect(
    await spanloom(
      ['aws', 'check', '--account', '111122223333', '--region', 'us-gov-west-1'],
      awsEnv(aws),
    ),
  ).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'XRAY_PARTITION_UNSUPPORTED: account 111122223333 is in partition aws-us-gov; the X-Ray crawler supports aws and aws-cn\n',
  });
  expect(aws.asked).toEqual([]);
});

test.each([
  [[], 'Name the accounts with --config FILE, or one with --account ID --region REGION\n'],
  [
    ['--account', '111122223333'],
    'Account 111122223333 names no regions: say which to try with --region\n',
  ],
  [
    ['--config', '/nonexistent.yaml'],
    "Cannot read configuration file /nonexistent.yaml: ENOENT: no such file or directory, open '/nonexistent.yaml'\n",
  ],
])('aws check %j is wrong usage', async (args, stderr) => {
  expect(await spanloom(['aws', 'check', ...args])).toEqual({ code: 2, stdout: '', stderr });
});

test.each([
  [
    'aws: { accounts: [{ id: "12" }] }',
    'The id of account 1 of aws.accounts in FILE must be 12 digits in quotes, found "12"\n',
  ],
  ['aws: { accounts: {} }', 'aws.accounts in FILE must be a list of accounts\n'],
  [
    'aws: { accounts: [{ id: "111122223333", regions: eu-west-1 }] }',
    'The regions of account 1 of aws.accounts in FILE must be a list such as [eu-west-1]\n',
  ],
  ['port: 1', 'There are no accounts under aws.accounts in FILE\n'],
])('aws check refuses the configuration %s', async (text, stderr) => {
  const config = configFile(text);
  expect(await spanloom(['aws', 'check', '--config', config])).toEqual({
    code: 2,
    stdout: '',
    stderr: stderr.replace('FILE', config),
  });
});
