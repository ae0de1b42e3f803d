import type { EpochMillis } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import type { XRayCoverage, XRayRegionCoverage } from './coverage.ts';
import {
  apm,
  type Document,
  INVOCATION,
  REQUEST_ID,
  T63,
  xray,
  xrayRequest,
} from './lambda-world.test.support.ts';
import type { MergeVerdict } from './verdict.ts';

/** When the invocation below ended. */
const END = 1_727_177_157_149;

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:orders-api';

function lambda(fields: Partial<Span> = {}): Span {
  return apm(0x5555n, 'aws.lambda', [621, 1149], {
    functionName: 'orders-api',
    ...fields,
    meta: { request_id: REQUEST_ID, function_arn: ARN, ...fields.meta },
  });
}

function coverage(minutesAfter: number, region: Partial<XRayRegionCoverage> = {}): XRayCoverage {
  const now = (END + minutesAfter * 60_000) as EpochMillis;
  return {
    now,
    regions: [
      {
        account: '111122223333',
        region: 'eu-west-1',
        checkpointMs: now - 15_000,
        problem: undefined,
        nextPollMs: now + 20_000,
        ...region,
      },
    ],
  };
}

function assembled(span: Span, xrayCoverage?: XRayCoverage): AssembledTrace {
  return assembleTrace([span], {
    traceId: span.traceId,
    ...(xrayCoverage !== undefined && { xray: xrayCoverage }),
  })!;
}

function verdict(span: Span, xrayCoverage?: XRayCoverage): MergeVerdict {
  return assembled(span, xrayCoverage).merge[0]!;
}

describe('without X-Ray’s half', () => {
  test('nobody reads X-Ray', () => {
    expect(verdict(lambda())).toEqual({
      requestId: REQUEST_ID,
      functionName: 'orders-api',
      verdict: 'integration_off',
      evidence: ['Reading AWS X-Ray is not configured'],
      fix: 'Connect the AWS account: aws.accounts in the configuration',
      apmSpanIds: [0x5555n],
      xraySpanIds: [],
      conflicts: [],
    });
  });

  test('nobody reads it where the function runs', () => {
    expect(verdict(lambda(), coverage(10, { region: 'us-east-1' }))).toMatchObject({
      verdict: 'integration_off',
      evidence: [
        'The function runs in account 111122223333, region eu-west-1, and X-Ray is not read there',
      ],
    });
  });

  test('it may still come', () => {
    const trace = assembled(lambda(), coverage(2));
    expect(trace.merge[0]).toMatchObject({
      verdict: 'xray_pending',
      evidence: [
        'X-Ray of account 111122223333, region eu-west-1 has been read until 2024-09-24T11:27:42Z; the invocation ended at 2024-09-24T11:25:57Z',
        'X-Ray shows a request 2 to 5 minutes after it',
      ],
      fix: undefined,
    });
    expect(trace.xrayPending).toEqual({ nextPoll: END + 140_000, until: END + 360_000 });
  });

  test.each([
    [5.99, 'xray_pending', true],
    [6, 'xray_absent', false],
  ])('after %d minutes it is %s', (minutes, name, isPending) => {
    const trace = assembled(lambda(), coverage(minutes));
    expect(trace.merge[0]!.verdict).toBe(name);
    expect(trace.xrayPending !== undefined).toBe(isPending);
  });

  test('it may come for as long as reading is behind', () => {
    const late = coverage(60, { checkpointMs: END - 1, problem: 'other' });
    expect(verdict(lambda(), late)).toMatchObject({
      verdict: 'xray_pending',
      evidence: [
        'X-Ray of account 111122223333, region eu-west-1 has been read until 2024-09-24T11:25:57Z; the invocation ended at 2024-09-24T11:25:57Z',
        'Reading it fails at present',
        'X-Ray shows a request 2 to 5 minutes after it',
      ],
    });
    expect(verdict(lambda(), coverage(60, { checkpointMs: undefined })).verdict).toBe(
      'xray_pending',
    );
  });

  test('the header said that X-Ray does not record it', () => {
    const unsampled = lambda({
      parentId: INVOCATION,
      priority: -1,
      meta: { '_dd.parent_source': 'xray' },
    });
    const trace = assembled(unsampled, coverage(1));
    expect(trace.merge[0]).toMatchObject({
      verdict: 'xray_not_sampled',
      evidence: [
        'The function took over trace 1908764426052890643 from X-Ray with sampling priority -1: its trace header said Sampled=0',
      ],
    });
    expect(trace.xrayPending).toBeUndefined();
  });

  test('AWS does not let it be read', () => {
    const denied = coverage(10, { problem: 'access_denied', checkpointMs: undefined });
    expect(verdict(lambda(), denied)).toMatchObject({
      verdict: 'access_denied',
      evidence: ['AWS refuses to let X-Ray of account 111122223333, region eu-west-1 be read'],
      fix: 'Allow what spanloom aws policy prints for the role; spanloom aws check names the missing action',
    });
  });

  test('it is older than what has been read', () => {
    expect(verdict(lambda(), coverage(60, { sinceMs: END + 1 }))).toMatchObject({
      verdict: 'outside_poll_window',
      fix: 'Read that time with spanloom xray backfill --from … --to …',
    });
    expect(verdict(lambda(), coverage(31 * 24 * 60))).toMatchObject({
      verdict: 'outside_poll_window',
      fix: undefined,
    });
  });

  test('nothing says which invocation it was', () => {
    const nameless = lambda({ meta: { request_id: '' } });
    expect(verdict(nameless, coverage(10))).toMatchObject({
      requestId: undefined,
      verdict: 'request_id_absent',
    });
    const named = lambda({ meta: { request_id: '', '_dd.parent_source': 'xray' } });
    expect(verdict(named, coverage(10)).verdict).toBe('xray_absent');
  });

  test('X-Ray was read past it', () => {
    expect(verdict(lambda(), coverage(10))).toMatchObject({
      verdict: 'xray_absent',
      evidence: [
        'X-Ray of account 111122223333, region eu-west-1 has been read until 2024-09-24T11:35:42Z; the invocation ended at 2024-09-24T11:25:57Z',
        `No X-Ray trace answers to 1908764426052890643 or has request id ${REQUEST_ID}`,
      ],
      fix: 'Switch on active tracing for the function; if it is on, X-Ray did not sample this request',
    });
  });

  test('a function that does not say where it runs waits for the region furthest behind', () => {
    const somewhere = lambda({ meta: { function_arn: '' } });
    const [region] = coverage(60).regions;
    const regions = [region!, { ...region!, region: 'us-east-1', checkpointMs: END - 60_000 }];
    expect(verdict(somewhere, { ...coverage(60), regions }).verdict).toBe('xray_pending');
  });
});

describe('with X-Ray’s half', () => {
  test('joined by nothing but the request id', () => {
    const own = lambda({ traceId: { hi: 0n, lo: 0x42n } });
    const trace = assembleTrace([own, ...xray(xrayRequest())], { traceId: own.traceId })!;
    expect(trace.merge).toMatchObject([
      {
        verdict: 'merged_by_request_id',
        evidence: [`Both halves state request id ${REQUEST_ID}`],
        fix: undefined,
      },
    ]);
    expect(trace.xrayPending).toBeUndefined();
  });

  test('times that agree within 5 ms are no conflict', () => {
    const close = lambda({
      start: 1_727_177_156_617_400_000n as Span['start'],
      duration: 538_800_000 as Span['duration'],
    });
    const trace = assembleTrace([close, ...xray(xrayRequest())], { traceId: close.traceId })!;
    expect(trace.merge[0]!.conflicts).toEqual([]);
    const apart = lambda({
      start: 1_727_177_156_617_400_001n as Span['start'],
      duration: 538_800_000 as Span['duration'],
    });
    const other = assembleTrace([apart, ...xray(xrayRequest())], { traceId: apart.traceId })!;
    expect(other.merge[0]!.conflicts.map(({ what }) => what)).toEqual(['start']);
  });

  test('different environments name both, and neither half waits for anything', () => {
    const own = lambda({ traceId: { hi: 0n, lo: 0x42n }, env: 'prod' });
    const spans = [own, ...xray(xrayRequest('staging'))];
    const trace = assembleTrace(spans, { traceId: own.traceId, xray: coverage(1) })!;
    expect(trace.merge).toMatchObject([
      {
        verdict: 'different_env',
        evidence: ["The tracer's spans are of environment prod, X-Ray's of staging"],
      },
    ]);
    expect(trace.xrayPending).toBeUndefined();
  });

  test('one id in two environments is that, even if nothing else connects the halves', () => {
    const own = lambda({ env: 'prod', meta: { request_id: '' } });
    const spans = [own, ...xray(xrayRequest('staging'))];
    const trace = assembleTrace(spans, { traceId: own.traceId })!;
    expect(trace.merge.map((one) => one.verdict)).toEqual(['different_env']);
    const { spanId } = trace.problems.find(({ kind }) => kind === 'env_mismatch')!;
    expect(spanId).toBe(0x5555n);
  });

  test('nothing but time: another trace, the same function', () => {
    const own = lambda({ traceId: { hi: 0n, lo: 0x42n }, meta: { request_id: '' } });
    const spans = [own, ...xray(xrayRequest())];
    const trace = assembleTrace(spans, { traceId: own.traceId, xray: coverage(10) })!;
    expect(trace.merge).toMatchObject([
      {
        verdict: 'different_trace_ids',
        evidence: [
          "The tracer's half is in trace 0000000000000042, X-Ray's in 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013",
          'Both are of one function at the same time; no span, metadata or request id of one names the other',
        ],
        xraySpanIds: [],
      },
    ]);
  });

  test('no tracer at all', () => {
    const trace = assembleTrace(xray(xrayRequest()), { traceId: { hi: 0n, lo: T63 } })!;
    expect(trace.merge).toMatchObject([
      {
        requestId: REQUEST_ID,
        functionName: 'orders-api',
        verdict: 'apm_absent',
        apmSpanIds: [],
      },
    ]);
  });

  test('one for each invocation, in order of time', () => {
    const second = xrayRequest().map((document) => {
      const text = JSON.stringify(document)
        .replaceAll(/"(id|parent_id)":"(.)/g, '"$1":"f')
        .replace(/1727177156/g, '1727177158')
        .replace(/1727177157/g, '1727177159')
        .replace('5a7e0b1c-2222', '5a7e0b1c-3333');
      return JSON.parse(text) as Document;
    });
    const trace = assembleTrace([lambda(), ...xray([...xrayRequest(), ...second])], {
      traceId: { hi: 0n, lo: T63 },
    })!;
    expect(trace.merge.map((one) => [one.requestId, one.verdict])).toEqual([
      [REQUEST_ID, 'merged_by_context'],
      ['5a7e0b1c-3333-4c3d-9e9e-000000000002', 'apm_absent'],
    ]);
    expect(trace.invocations.length).toBe(2);
  });
});
