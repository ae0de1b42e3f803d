import { LocalXRay } from '@spanloom/local-xray';
import { apiToLambda, lambdaInvocation } from '@spanloom/local-xray/scenes';
import { describe, expect, test } from 'vitest';
import { leaveOut } from '../runtimes.ts';
import { Daemon } from './daemon.ts';
import { runPython, whyNoPython } from './python-runtime.ts';
import { fetchTrace, outline, xrayClient } from './read-traces.ts';

const account = '111122223333';
const region = 'eu-west-1';

/** A request with a query, recorded by the X-Ray SDK for Python. Prints the trace id. */
const service = `
import sqlite3
from aws_xray_sdk.core import xray_recorder, patch
xray_recorder.configure(service='catalog', sampling=False)
patch(['sqlite3'])
segment = xray_recorder.begin_segment('catalog')
segment.set_user('u-17')
xray_recorder.put_annotation('tenant', 'acme')
with xray_recorder.in_subsegment('load') as load:
    db = sqlite3.connect(':memory:')
    db.execute('select 1')
    try:
        with xray_recorder.in_subsegment('fail', namespace='remote'):
            raise ValueError('no such item')
    except ValueError:
        pass
xray_recorder.end_segment()
print(segment.trace_id)
`;

/** Lists and fetches with boto3, tries every error that a crawler must tell apart, and prints what it saw. */
const reader = `
import boto3, json, os
from botocore.config import Config
from botocore.exceptions import ClientError
from datetime import datetime, timezone

def client(name, key='111122223333', **session):
    return boto3.client(name, endpoint_url=os.environ['ENDPOINT'], region_name='eu-west-1',
        aws_access_key_id=key, aws_secret_access_key='any',
        config=Config(retries={'total_max_attempts': 1}), **session)

def error(call, **arguments):
    try:
        call(**arguments)
        return None
    except ClientError as problem:
        return [problem.response['Error']['Code'], problem.response['ResponseMetadata']['HTTPStatusCode']]

xray = client('xray')
begin = datetime.fromtimestamp(float(os.environ['FROM']), timezone.utc)
end = datetime.fromtimestamp(float(os.environ['TO']), timezone.utc)
window = dict(StartTime=begin, EndTime=end)
pages = list(xray.get_paginator('get_trace_summaries').paginate(**window, TimeRangeType='TraceId',
    FilterExpression='service(id(type: "AWS::Lambda"))'))
summaries = [one for page in pages for one in page['TraceSummaries']]
ids = [one['Id'] for one in summaries]
fetched = xray.batch_get_traces(TraceIds=ids[:5])
sts = client('sts')
role = sts.assume_role(RoleArn='arn:aws:iam::444455556666:role/Reader', RoleSessionName='python')['Credentials']
member = boto3.client('sts', endpoint_url=os.environ['ENDPOINT'], region_name='eu-west-1',
    aws_access_key_id=role['AccessKeyId'], aws_secret_access_key=role['SecretAccessKey'],
    aws_session_token=role['SessionToken']).get_caller_identity()
print(json.dumps({
    'pages': len(pages),
    'scanned': sum(page['TracesProcessedCount'] for page in pages),
    'ids': ids,
    'entry': summaries[0]['EntryPoint'],
    'duration': summaries[0]['Duration'],
    'began': summaries[0]['StartTime'].timestamp(),
    'origins': [json.loads(one['Document']).get('origin') for one in fetched['Traces'][0]['Segments']],
    'unprocessed': fetched['UnprocessedTraceIds'],
    'six': error(xray.batch_get_traces, TraceIds=['1'] * 6),
    'backwards': error(xray.get_trace_summaries, StartTime=end, EndTime=begin),
    'encryption': xray.get_encryption_config()['EncryptionConfig'],
    'destination': xray.get_trace_segment_destination()['Destination'],
    'rules': [one['SamplingRule']['RuleName'] for one in xray.get_sampling_rules()['SamplingRuleRecords']],
    'group': client('logs').describe_log_groups()['logGroups'],
    'spans': error(client('logs').filter_log_events, logGroupName='aws/spans'),
    'retrieval': error(xray.list_retrieved_traces, RetrievalToken='none'),
    'member': [member['Account'], member['Arn']],
    'throttled': [error(xray.get_groups), error(xray.get_groups)],
    'denied': error(xray.get_indexing_rules),
}))
`;

const absent = whyNoPython();
if (absent !== undefined) leaveOut('the X-Ray SDK for Python and boto3', absent);

describe.skipIf(absent !== undefined)('Python', () => {
  test('what its X-Ray SDK sends can be fetched', async () => {
    await using xray = await LocalXRay.start();
    await using daemon = await Daemon.start(xray.url, account, region);
    const printed = await runPython(service, { AWS_XRAY_DAEMON_ADDRESS: daemon.address });
    const client = xrayClient(xray.url, account, region);
    await expect.poll(() => fetchTrace(client, printed.trim())).not.toHaveLength(0);
    expect(daemon.refused).toEqual([]);
    const documents = await fetchTrace(client, printed.trim());
    const segment = documents.find((one) => one.name === 'catalog')!;
    expect(outline(segment)).toEqual(['catalog', '  load', '    :memory:', '    fail']);
    expect(segment).toMatchObject({
      user: 'u-17',
      annotations: { tenant: 'acme' },
      subsegments: [
        {
          namespace: 'local',
          subsegments: [
            { namespace: 'remote', sql: { database_type: 'sqlite3' } },
            {
              fault: true,
              cause: { exceptions: [{ type: 'ValueError', message: 'no such item' }] },
            },
          ],
        },
      ],
    });
    // Both calls went to somebody who reported nothing.
    expect(documents.filter((one) => one['inferred'] === true).map((one) => one.name)).toEqual(
      expect.arrayContaining([':memory:', 'fail']),
    );
  });

  test('boto3 reads every answer and every error', async () => {
    const from = Date.now() - 60_000;
    await using xray = await LocalXRay.start({ pageSize: 2 });
    const scenes = [
      lambdaInvocation({ at: from, seed: 'a' }),
      lambdaInvocation({ at: from + 1000, seed: 'b' }),
      apiToLambda({ at: from + 2000, seed: 'c' }),
    ];
    for (const { documents } of scenes) xray.put(account, region, documents);
    xray.script.throttle({ operation: 'GetGroups', next: 1 });
    xray.script.throttle({ operation: 'GetGroups', next: 1, spelling: 'ThrottlingException' });
    xray.script.deny({ operation: 'GetIndexingRules' });
    const printed = await runPython(reader, {
      ENDPOINT: xray.url,
      FROM: String(from / 1000 - 1),
      TO: String(from / 1000 + 60),
    });
    expect(JSON.parse(printed)).toEqual({
      pages: 2,
      scanned: 3,
      ids: scenes.map((one) => one.traceId).toReversed(),
      entry: {
        Name: 'shop-api/prod',
        Names: ['shop-api/prod'],
        AccountId: account,
        Type: 'AWS::ApiGateway::Stage',
      },
      duration: 0.251,
      began: expect.closeTo((from + 2000) / 1000, 3),
      origins: [
        'AWS::ApiGateway::Stage',
        'AWS::Lambda',
        'AWS::Lambda::Function',
        'AWS::DynamoDB::Table',
      ],
      unprocessed: [],
      six: ['InvalidRequestException', 400],
      backwards: ['InvalidRequestException', 400],
      encryption: { Type: 'NONE', Status: 'ACTIVE' },
      destination: 'XRay',
      rules: ['Default'],
      group: [],
      spans: ['ResourceNotFoundException', 400],
      retrieval: ['ResourceNotFoundException', 404],
      member: ['444455556666', 'arn:aws:sts::444455556666:assumed-role/Reader/python'],
      throttled: [
        ['ThrottledException', 429],
        ['ThrottlingException', 400],
      ],
      denied: ['AccessDeniedException', 403],
    });
    expect(xray.calls.of('BatchGetTraces').map((one) => one.ids.length)).toEqual([3, 6]);
  });
});
