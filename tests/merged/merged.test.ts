// One request, told by two worlds: the vendor's unmodified Lambda library and tracer on the local Lambda send to the agent port,
// the Lambda service and API Gateway tell X-Ray, and the crawler reads it from there.
import { randomBytes } from 'node:crypto';
import type { SpanJson, TraceResponse, XRayStatusResponse } from '@spanloom/contract';
import { type InvokeResult, newTraceRoot } from '@spanloom/local-lambda';
import type { JsonObject } from '@spanloom/local-xray';
import { apiGatewayV1Event } from '@spanloom/local-lambda/events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollUntil } from '../poll-until.ts';
import { VendorFunction } from './vendor-function.ts';
import { ACCOUNT, REGION, XRayWorld } from './xray-world.ts';

const PATIENCE_MS = 90_000;

let world: XRayWorld;

beforeAll(async () => {
  world = await XRayWorld.start();
}, 90_000);

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

const CODE = `export const handler = async () => ({ statusCode: 200, body: 'done' });`;

async function startFunction(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<VendorFunction> {
  return VendorFunction.start({
    name,
    code: CODE,
    agentUrl: world.server.agentUrl,
    xrayDaemon: world.daemonAddress,
    accountId: ACCOUNT,
    region: REGION,
    onSegment: (segment) => world.xray.put(ACCOUNT, REGION, [{ ...segment }]),
    // What the library loads at a cold start is not the same from version to version.
    environment: { DD_COLD_START_TRACING: 'false', ...environment },
  });
}

async function readTrace(id: string, env = ''): Promise<TraceResponse | undefined> {
  const response = await fetch(`${world.server.url}/api/traces/${id}?env=${env}`);
  const body = (await response.json()) as TraceResponse;
  return response.status === 200 ? body : undefined;
}

/** The trace, once both worlds have told of it. */
function mergedTrace(id: string): Promise<TraceResponse> {
  return pollUntil(`trace ${id} with both halves`, PATIENCE_MS, async () => {
    const trace = await readTrace(id);
    const isWhole = trace !== undefined && trace.sources.datadog > 0 && trace.sources.xray >= 5;
    return isWhole ? trace : undefined;
  });
}

/** The visible tree, a line for each span. */
function outline(spans: readonly SpanJson[]): string[] {
  const visible = new Map(
    spans.filter(({ hidden }) => !hidden).map((span) => [span.span_id, span]),
  );
  const depth = (span: SpanJson): number => {
    const parent = span.parent_id === null ? undefined : visible.get(span.parent_id);
    return parent === undefined ? 0 : depth(parent) + 1;
  };
  return [...visible.values()].map(
    (span) => `${'  '.repeat(depth(span))}${span.source} ${span.name} ${span.service}`,
  );
}

function requestIdOf(result: InvokeResult): string {
  return result.requestId;
}

const hex16 = (): string => randomBytes(8).toString('hex');

test.concurrent("merging switched on: the tracer's spans stand below X-Ray's, whichever id is asked for", async () => {
  await using points = await startFunction('points', { DD_MERGE_XRAY_TRACES: 'true' });
  const root = newTraceRoot(Date.now());
  const result = await points.local.invoke(
    { at: 1 },
    { traceHeader: `Root=${root};Parent=${hex16()};Sampled=1` },
  );
  const trace = await mergedTrace(root);
  // The caller that X-Ray's header names sent nothing: the trace says so.
  expect(outline(trace.spans)).toEqual([
    'xray aws.lambda points',
    '  xray aws.lambda.function points',
    '    xray Initialization points',
    '    xray Invocation points',
    '    xray Overhead points',
  ]);
  const folded = trace.spans.find(({ source }) => source === 'datadog')!;
  const shown = trace.spans.find(({ name }) => name === 'aws.lambda.function')!;
  expect(folded).toMatchObject({ hidden: true, hidden_by: shown.span_id });
  expect(shown.folded).toContain(folded.span_id);
  expect(shown.meta).toMatchObject({ cold_start: 'true', request_id: requestIdOf(result) });
  expect(trace.merge).toMatchObject([
    {
      request_id: requestIdOf(result),
      function: 'points',
      verdict: 'merged_by_context',
      fix: null,
    },
  ]);
  for (const id of [...trace.ids.datadog, ...trace.ids.xray, trace.trace_id]) {
    const { spans } = (await readTrace(id))!;
    expect(outline(spans)).toEqual(outline(trace.spans));
  }
});

test.concurrent("a caller's trace goes on behind API Gateway, and the span the library made up for it gives way", async () => {
  await using receipts = await startFunction('receipts', {});
  const root = newTraceRoot(Date.now());
  const [stage, call] = [hex16(), hex16()];
  const traceId = '6153737369425722316';
  const caller = '1234567890123456789';
  const started = Date.now();
  await sendCaller(traceId, caller, started);
  await receipts.local.invoke(
    apiGatewayV1Event({
      method: 'POST',
      path: '/receipts',
      apiId: 'k3j4h5g6f7',
      stage: 'prod',
      headers: {
        'x-datadog-trace-id': traceId,
        'x-datadog-parent-id': caller,
        'x-datadog-sampling-priority': '1',
      },
      body: '{}',
    }),
    { traceHeader: `Root=${root};Parent=${call};Sampled=1` },
  );
  world.xray.put(ACCOUNT, REGION, [stageSegment(root, stage, call, started)]);

  const trace = await mergedTrace(traceId);
  expect(outline(trace.spans)).toEqual([
    'datadog http.request checkout',
    '  xray aws.apigateway shop-api',
    '    xray aws.request shop-api',
    '      xray aws.lambda receipts',
    '        xray aws.lambda.function receipts',
    '          xray Initialization receipts',
    '          xray Invocation receipts',
    '            datadog aws.lambda receipts',
    '          xray Overhead receipts',
  ]);
  expect(trace.sources.inferred).toBe(1);
  expect(trace.spans.find(({ source }) => source === 'inferred')).toMatchObject({
    name: 'aws.apigateway',
    hidden: true,
    hidden_by: stage,
  });
  expect(trace.merge).toMatchObject([{ function: 'receipts', verdict: 'merged_by_context' }]);
  const byXRay = (await readTrace(root))!;
  expect(outline(byXRay.spans)).toEqual(outline(trace.spans));
  expect(byXRay.trace_id).toBe(trace.trace_id);
});

test.concurrent('a trace that grew is fetched again and counts once', async () => {
  const root = newTraceRoot(Date.now());
  const id = hex16();
  const segment = {
    id,
    trace_id: root,
    name: 'nightly',
    origin: 'AWS::ECS::Container',
    start_time: Date.now() / 1000,
  };
  world.xray.put(ACCOUNT, REGION, [{ ...segment, in_progress: true }]);
  const first = await pollUntil('the unfinished trace', PATIENCE_MS, () => readTrace(root));
  expect(first.spans).toMatchObject([{ unfinished: true, service: 'nightly' }]);
  world.xray.put(ACCOUNT, REGION, [{ ...segment, end_time: Date.now() / 1000 }]);
  await pollUntil('the finished trace', PATIENCE_MS, async () => {
    const trace = await readTrace(root);
    return trace?.spans[0]?.unfinished === false ? trace : undefined;
  });
  expect(await count('service:nightly')).toBe(1);
  const raw = await fetch(`${world.server.url}/api/traces/${root}/raw`);
  const { spans } = (await raw.json()) as { spans: { superseded: boolean }[] };
  expect(spans.some(({ superseded }) => superseded)).toBe(true);
});

test('the status says what was read and what it cost', async () => {
  const response = await fetch(`${world.server.url}/api/xray/status`);
  const { enabled, regions } = (await response.json()) as XRayStatusResponse;
  expect(enabled).toBe(true);
  expect(regions).toMatchObject([
    {
      account: ACCOUNT,
      region: REGION,
      env: 'prod',
      mode: 'classic',
      state: 'running',
      problem: null,
    },
  ]);
  const [{ counts, calls, cost }] = regions as [XRayStatusResponse['regions'][number]];
  expect(counts.written).toBeGreaterThanOrEqual(3);
  expect(counts.rewritten).toBeGreaterThanOrEqual(1);
  expect(calls['BatchGetTraces']).toBeGreaterThanOrEqual(1);
  expect(cost.scanned).toBeGreaterThanOrEqual(counts.listed);
});

/** The span of a service that calls the API, by the agent's JSON format. */
async function sendCaller(traceId: string, spanId: string, startMs: number): Promise<void> {
  const span = `{"trace_id":${traceId},"span_id":${spanId},"parent_id":0,"service":"checkout","name":"http.request",
    "resource":"POST /receipts","type":"http","start":${startMs - 5}000000,"duration":4000000000,"error":0,
    "meta":{"env":"prod","span.kind":"client"},"metrics":{"_sampling_priority_v1":1}}`;
  const response = await fetch(`${world.server.agentUrl}/v0.4/traces`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-datadog-trace-count': '1' },
    body: `[[${span}]]`,
  });
  expect(response.status).toBe(200);
}

function stageSegment(root: string, id: string, call: string, startedMs: number): JsonObject {
  const [start, end] = [startedMs / 1000, Date.now() / 1000];
  return {
    id,
    trace_id: root,
    name: 'shop-api/prod',
    origin: 'AWS::ApiGateway::Stage',
    start_time: start,
    end_time: end,
    resource_arn: `arn:aws:apigateway:${REGION}::/restapis/k3j4h5g6f7/stages/prod`,
    http: {
      request: {
        method: 'POST',
        url: 'https://api.example.test/prod/receipts',
        client_ip: '198.51.100.7',
      },
      response: { status: 200 },
    },
    aws: {
      api_gateway: {
        account_id: ACCOUNT,
        rest_api_id: 'k3j4h5g6f7',
        stage: 'prod',
        request_id: 'g-1',
      },
    },
    subsegments: [
      {
        id: call,
        name: 'Lambda',
        namespace: 'aws',
        start_time: start,
        end_time: end,
        aws: {
          function_name: 'receipts',
          region: REGION,
          operation: 'Invoke',
          resource_names: ['receipts'],
        },
      },
    ],
  };
}

async function count(query: string): Promise<number> {
  const response = await fetch(`${world.server.url}/api/v2/spans/analytics/aggregate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      data: { type: 'aggregate_request', attributes: { filter: { query, from: 'now-1h' } } },
    }),
  });
  const { data } = (await response.json()) as {
    data: { attributes: { computes: { c0: number } } }[];
  };
  return data[0]!.attributes.computes.c0;
}
