import { startFunction } from '@spanloom/local-lambda';
import { apiGatewayV1Event } from '@spanloom/local-lambda/events';
const local = await startFunction({ taskRoot: '/tmp/smoke', handler: process.argv[2] ?? 'user.handler', environment: JSON.parse(process.argv[3] ?? '{}'), timeoutMs: 5000 });
for (let i = 0; i < 2; i++) {
const r = await local.invoke(apiGatewayV1Event({ path: '/x', headers: { 'x-datadog-trace-id': '111', 'x-datadog-parent-id': '222', 'x-datadog-sampling-priority': '1' } }), { traceHeader: 'Root=1-66aa0011-1234567890abcdef12345678;Parent=00f1e2d3c4b5a697;Sampled=1' });
console.log(JSON.stringify(r.payload)); for (const l of r.logs) console.log(l.text);
}
await local.shutdown();
