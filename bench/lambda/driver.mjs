// One fresh process of the rig: loads a function, calls it, and prints what that cost as one line of JSON.
// Arguments: the module with the handler, the number of warm calls.
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
// What AWS's own runtime client has loaded before it loads a function.
// oxlint-disable-next-line import/no-unassigned-import
import 'node:http';
// oxlint-disable-next-line import/no-unassigned-import
import 'node:https';
// oxlint-disable-next-line import/no-unassigned-import
import 'node:util';
// oxlint-disable-next-line import/no-unassigned-import
import 'node:async_hooks';
// oxlint-disable-next-line import/no-unassigned-import
import 'node:events';
// oxlint-disable-next-line import/no-unassigned-import
import 'node:fs/promises';

const [file, warm] = [process.argv[2], Number(process.argv[3])];
const event = JSON.parse(process.env['RIG_EVENT'] ?? '{}');
globalThis.gc?.();
const rssBefore = process.memoryUsage.rss();
const before = performance.now();
const cpuBefore = process.cpuUsage();
const module = file.endsWith('.cjs')
  ? createRequire(import.meta.url)(file)
  : await import(pathToFileURL(file).href);
const initMs = performance.now() - before;
const initCpu = process.cpuUsage(cpuBefore);
const handler = module.handler ?? module.default.handler;

function context(i) {
  return {
    awsRequestId: `b7a0c1f2-0000-4000-8000-${String(i).padStart(12, '0')}`,
    functionName: 'orders',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:orders',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => 3000,
  };
}

const firstBefore = performance.now();
await handler(event, context(0));
const firstMs = performance.now() - firstBefore;
// Before the warm calls: later, what grew is mostly the garbage collector's own choice.
globalThis.gc?.();
const rssMiB = (process.memoryUsage.rss() - rssBefore) / 1_048_576;
for (let i = 0; i < warm / 2; i++) {
  await handler(event, context(i));
  if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
const times = new Float64Array(warm);
const cpuWarm = process.cpuUsage();
for (let i = 0; i < warm; i++) {
  const start = performance.now();
  await handler(event, context(i));
  times[i] = performance.now() - start;
  // A turn of the event loop, as between two invocations: what was left for later happens and is counted as CPU.
  await new Promise((resolve) => setImmediate(resolve));
}
// Answers still on their way belong to these calls.
await new Promise((resolve) => setTimeout(resolve, 100));
const cpu = process.cpuUsage(cpuWarm);
times.sort();
const result = {
  initMs,
  initCpuMs: (initCpu.user + initCpu.system) / 1000,
  firstMs,
  p50Us: times[Math.floor(warm / 2)] * 1000,
  p99Us: times[Math.floor(warm * 0.99)] * 1000,
  cpuUs: (cpu.user + cpu.system) / warm,
  rssMiB,
};
process.stderr.write(`RIG ${JSON.stringify(result)}\n`);
process.exit(0);
