import { writeFileSync } from 'node:fs';
import * as ev from '@spanloom/local-lambda/events';
const dd = { 'x-datadog-trace-id': '111', 'x-datadog-parent-id': '222', 'x-datadog-sampling-priority': '1' };
const ddj = JSON.stringify(dd);
const epochMs = Date.now() - 5000;
const e: Record<string, unknown> = {
  rest: ev.apiGatewayV1Event({ path: '/orders/7', route: '/orders/{id}', headers: { ...dd, Referer: 'r' }, epochMs }),
  http: ev.apiGatewayV2Event({ path: '/orders/7', route: '/orders/{id}', headers: dd, epochMs }),
  url: ev.functionUrlEvent({ path: '/u', headers: dd, epochMs }),
  alb: ev.loadBalancerEvent({ path: '/a', headers: dd, epochMs }),
  ws: ev.webSocketEvent({ eventType: 'CONNECT', headers: dd, epochMs }),
  wsmsg: ev.webSocketEvent({ body: 'hi', epochMs }),
  sqs: ev.sqsEvent([{ body: 'hello', attributes: { _datadog: ddj } }], { epochMs }),
  sqsraw: ev.rawSnsInSqsEvent([{ message: { a: 1 }, attributes: { _datadog: new Uint8Array(Buffer.from(ddj)) } }], { epochMs }),
  sqsjava: ev.sqsEvent([{ body: 'hello', traceHeader: 'Root=1-66aa0011-0000000012345678abcdef12;Parent=00f1e2d3c4b5a697;Sampled=1' }], { epochMs }),
  sns: ev.snsEvent({ message: 'm', attributes: { _datadog: new Uint8Array(Buffer.from(ddj)) } }, { epochMs }),
  snssqs: ev.snsInSqsEvent([{ message: { a: 1 }, attributes: { _datadog: new Uint8Array(Buffer.from(ddj)) } }], { epochMs }),
  eb: ev.eventBridgeEvent({ source: 'my.app', detailType: 'T', detail: { _datadog: dd, x: 1 } } as never, { epochMs }),
  ebsqs: ev.eventBridgeInSqsEvent([{ source: 'my.app', detailType: 'T', detail: { _datadog: dd, x: 1 } }] as never, { epochMs }),
  sched: ev.scheduledEvent({ epochMs } as never),
  kinesis: ev.kinesisEvent([{ data: { _datadog: dd, a: 1 } }], { epochMs }),
  ddb: ev.dynamoDbEvent([{ kind: 'INSERT', keys: { id: { S: 'k1' } }, newImage: { id: { S: 'k1' } } }], { epochMs }),
  s3: ev.s3Event([{ key: 'some key.data', content: 'x' }], { epochMs }),
  sfn: ev.stepFunctionsPayloadEvent(),
  sfnc: ev.stepFunctionsCarrierEvent(),
  direct: { a: 1 },
};
writeFileSync('/tmp/ref/events.json', JSON.stringify(e));
