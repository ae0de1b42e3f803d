// End to end: how many spans a second the server acknowledges as durable, what that costs, and how soon they can be read.
// node --conditions=@spanloom/source bench/ingest.ts [--seconds 15] [--shape service|serverless] [--rate 5000] [--json] [--profile DIR]
// Generator and server share the machine; the generator's own CPU time is printed beside the server's.
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { Payload, type Shape } from './payloads.ts';
import { cpuSeconds, residentMiB } from './process-cost.ts';
import { SpanloomServer } from '../tests/server-fixture.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    shape: { type: 'string', default: 'service' },
    connections: { type: 'string', default: '4' },
    /** Spans a second; 0 is as fast as it goes. */
    rate: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    /** A directory for a CPU profile of the server's main thread. */
    profile: { type: 'string', default: '' },
  },
});
const shape = options.shape as Shape;
const seconds = Number(options.seconds);
const connections = Number(options.connections);
const rate = Number(options.rate);

await using server = await SpanloomServer.start({
  env:
    options.profile === '' ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` },
});
const agentPort = Number(new URL(server.agentUrl).port);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
let serial = BigInt(Date.now()) << 20n;
const nextId = (): bigint => (serial += 0x9e37_79b9n);

function send(payload: Payload): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port: agentPort,
        method: 'PUT',
        path: '/v0.4/traces',
        headers: {
          'Content-Type': 'application/msgpack',
          'Content-Length': payload.body.length,
          'X-Datadog-Trace-Count': payload.traces,
          'Datadog-Meta-Lang': 'nodejs',
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload.body);
  });
}

/** Milliseconds from the acknowledgement of a trace until it can be read. */
async function visibleAfter(traceId: string): Promise<number> {
  const from = performance.now();
  for (;;) {
    const response = await fetch(`${server.url}/api/traces/${traceId}`);
    await response.arrayBuffer();
    if (response.status === 200) return performance.now() - from;
    if (performance.now() - from > 20_000) return Number.POSITIVE_INFINITY;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let acknowledged = 0;
let refused = 0;
const latencies: number[] = [];
const visible: number[] = [];
const end = performance.now() + seconds * 1000;
const cpuBefore = cpuSeconds(server.pid);
const ownBefore = process.cpuUsage();
const started = performance.now();
let peakMiB = 0;
let lastTrace = '';

async function connection(): Promise<void> {
  const payload = new Payload(shape);
  while (performance.now() < end) {
    if (rate > 0) {
      const due = started + ((acknowledged + refused) / rate) * 1000;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
    const ids = payload.renew(Date.now(), nextId);
    const from = performance.now();
    const status = await send(payload);
    latencies.push(performance.now() - from);
    if (status === 200) {
      acknowledged += payload.spans;
      lastTrace = ids[0]!;
    } else {
      refused += payload.spans;
    }
  }
}

async function watch(): Promise<void> {
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    peakMiB = Math.max(peakMiB, residentMiB(server.pid));
    if (lastTrace !== '') visible.push(await visibleAfter(lastTrace));
  }
}

await Promise.all([...Array.from({ length: connections }, connection), watch()]);
const elapsed = (performance.now() - started) / 1000;
const cpu = cpuSeconds(server.pid) - cpuBefore;
const own = process.cpuUsage(ownBefore);
const lastVisible = await visibleAfter(lastTrace);

const system = (await (await fetch(`${server.url}/api/system`)).json()) as {
  storage: { table: string; rows: number; bytes: number }[];
};
const result = {
  shape,
  seconds: round(elapsed),
  spans: acknowledged,
  refused,
  spansPerSecond: Math.round(acknowledged / elapsed),
  serverCpuMicrosPerSpan: round((cpu * 1e6) / acknowledged),
  generatorCpuMicrosPerSpan: round((own.user + own.system) / acknowledged),
  ackMillis: quantiles(latencies),
  visibleMillis: quantiles(visible),
  drainedAfterMillis: Math.round(lastVisible),
  peakMiB: Math.round(peakMiB),
  bytesPerSpan: Object.fromEntries(
    system.storage
      .filter((table) => table.table.startsWith('spans') && table.rows > 0)
      .map((table) => [table.table, round(table.bytes / table.rows)]),
  ),
};
if (options.json) console.log(JSON.stringify(result));
else
  console.table(
    Object.entries(result).map(([what, value]) => ({ what, value: JSON.stringify(value) })),
  );
agent.destroy();

/** Of few samples the high quantiles are just the worst ones: their number stands beside them. */
function quantiles(
  samples: readonly number[],
): Record<'samples' | 'p50' | 'p95' | 'p99' | 'max', number> {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (q: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
  return { samples: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
