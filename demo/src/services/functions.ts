// The serverless half of the shop: an API with a function behind it, and a function that runs by the clock. Not traced itself, as
// API Gateway and the Lambda service are not; what they know of a request they tell X-Ray, a while later.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { startFunction, type LocalFunction } from '@spanloom/local-lambda';
import { apiGatewayV1Event, scheduledEvent } from '@spanloom/local-lambda/events';
import { pause } from '../pause.ts';
import { ApiStage } from '../serverless/api-stage.ts';
import { shopCloud } from '../serverless/cloud.ts';
import { SegmentMail } from '../serverless/segment-mail.ts';
import { taskFolder, type TaskFolder } from '../serverless/task-folder.ts';
import { addressOf } from '../shop/call.ts';
import { endWith } from '../shop/lifetime.ts';

/** Between two runs of the function that counts points. */
const pointsEveryMs = 7_000;

const ending = new AbortController();
const mail = new SegmentMail(addressOf('xray'), ending.signal);
const folders: TaskFolder[] = [];

function start(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<LocalFunction> {
  const folder = taskFolder(name);
  folders.push(folder);
  return startFunction({
    taskRoot: folder.path,
    handler: folder.handler,
    name,
    accountId: shopCloud.account,
    region: shopCloud.region,
    tracing: 'Active',
    timeoutMs: 10_000,
    memorySizeMb: 256,
    concurrency: 2,
    // Its tracer sends when the handler has answered, and there is no extension to send while it is frozen.
    freeze: false,
    xrayDaemonAddress: new URL(addressOf('xray')).host,
    onSegment: (segment) => mail.send(segment),
    environment: {
      DD_LAMBDA_HANDLER: 'index.handler',
      DD_ENV: process.env['SHOP_ENV'] ?? 'prod',
      DD_SERVICE: name,
      DD_TRACE_AGENT_URL: process.env['SHOP_AGENT_URL'] ?? '',
      DD_TRACE_EXPERIMENTAL_EXPORTER: 'agent',
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_ENHANCED_METRICS: 'false',
      ...environment,
    },
  });
}

const receipts = await start('receipts', {});
const points = await start('points', { DD_MERGE_XRAY_TRACES: 'true' });
const stage = new ApiStage('shop-api', 'prod', shopCloud.account, shopCloud.region);

async function serveReceipt(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString('utf8');
  const call = stage.begin(request.method ?? 'POST', request.url ?? '/', 'receipts');
  const result = await receipts.invoke(
    apiGatewayV1Event({
      method: request.method ?? 'POST',
      path: request.url ?? '/',
      headers: plainHeaders(request),
      body,
      apiId: stage.apiId,
      stage: stage.stage,
    }),
    { traceHeader: call.header },
  );
  const answer = result.payload as { statusCode?: number; body?: string } | null;
  const failed = result.functionError !== undefined;
  const status = failed ? 502 : (answer?.statusCode ?? 200);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(failed ? '{"message":"Internal server error"}' : (answer?.body ?? ''));
  mail.send(call.end(status));
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

const server = createServer((request, response) => {
  serveReceipt(request, response).catch(() => response.writeHead(500).end());
});
server.listen(Number(process.env['SHOP_PORT']), '127.0.0.1');

async function countPoints(): Promise<void> {
  while (await pause(pointsEveryMs, ending.signal)) {
    await points.invoke(scheduledEvent(), { traceHeader: stage.newTraceHeader() });
  }
}
void countPoints();

endWith(() => {
  ending.abort();
  server.close();
  server.closeAllConnections();
  void shutDown();
});

async function shutDown(): Promise<void> {
  await Promise.all([receipts.shutdown(), points.shutdown()]);
  for (const folder of folders) folder[Symbol.dispose]();
}
