// What a library costs a function: a bare handler, ours and the reference, in fresh processes that alternate, so that whatever else
// the machine does hits all of them alike. node --conditions=@spanloom/source bench/lambda/rig.ts [--rounds 15] [--warm 3000] [--json]
// Everything sends to an agent on this machine, as with an extension. The reference is fetched from the registry when first needed.
import { build } from 'esbuild';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { apiGatewayV2Event } from '@spanloom/local-lambda/events';
import { bundleLambda } from '../../packages/lambda/src/packaging/bundle.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    warm: { type: 'string', default: '3000' },
    /** Another Node than the one that runs this. */
    node: { type: 'string', default: process.execPath },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const root = join(import.meta.dirname, '..', '..');
const reference = join(root, '.cache', 'bench-lambda');
const versions = ['datadog-lambda-js@12.143.0', 'dd-trace@5.132.0'];
const work = mkdtempSync(join(tmpdir(), 'lambda-rig-'));

interface Sample {
  readonly initMs: number;
  readonly initCpuMs: number;
  readonly firstMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number;
  readonly rssMiB: number;
}

if (!existsSync(join(reference, 'node_modules', 'datadog-lambda-js'))) {
  mkdirSync(reference, { recursive: true });
  const npm = [
    'install',
    '--silent',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--prefix',
    reference,
  ];
  spawnSync('npm', [...npm, ...versions], { stdio: 'inherit' });
}

const agent = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end('{"rate_by_service":{}}'));
});
await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
const agentUrl = `http://127.0.0.1:${(agent.address() as AddressInfo).port}`;

await bundleLambda(join(work, 'lambda'));
const body = 'async (event) => ({ statusCode: 200, body: event.body })';
const sources: Readonly<Record<string, string>> = {
  bare: `export const handler = ${body};`,
  ours: `import { datadog } from '${join(work, 'lambda', 'index.js')}'; export const handler = datadog(${body});`,
};
const files: Record<string, string> = {};
for (const [name, source] of Object.entries(sources)) {
  writeFileSync(join(work, `${name}-source.mjs`), source);
  files[name] = join(work, `${name}.mjs`);
  await build({
    entryPoints: [join(work, `${name}-source.mjs`)],
    outfile: files[name],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
}
files['ours, from files'] = join(work, 'ours-source.mjs');
// The pair does not bundle into a file that works: it is loaded as its own layer loads it.
files['reference'] = join(reference, 'reference.cjs');
writeFileSync(
  files['reference'],
  `require('dd-trace').init({ tags: { '_dd.origin': 'lambda' } });
const { datadog } = require('datadog-lambda-js');
exports.handler = datadog(${body});`,
);

function sample(name: string): Promise<Sample> {
  const child = spawn(
    options.node,
    ['--expose-gc', join(import.meta.dirname, 'driver.mjs'), files[name]!, options.warm],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        AWS_LAMBDA_FUNCTION_NAME: 'orders',
        AWS_REGION: 'eu-west-1',
        LAMBDA_TASK_ROOT: work,
        SPANLOOM_EXTENSION: '1',
        DD_TRACE_AGENT_URL: agentUrl,
        DD_TRACE_EXPERIMENTAL_EXPORTER: 'agent',
        DD_TRACE_STARTUP_LOGS: 'false',
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_REMOTE_CONFIGURATION_ENABLED: 'false',
        // Neither has an extension for its metrics here; both leave them out.
        DD_ENHANCED_METRICS: 'false',
        RIG_EVENT: JSON.stringify(
          apiGatewayV2Event({
            path: '/orders/7',
            route: '/orders/{id}',
            headers: {
              'x-datadog-trace-id': '1908764426052890643',
              'x-datadog-parent-id': '3098476543630901253',
              'x-datadog-sampling-priority': '1',
            },
          }),
        ),
      },
    },
  );
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('close', () => {
      const line = /^RIG (.*)$/m.exec(text)?.[1];
      if (line === undefined)
        reject(new Error(`Cannot measure ${name}: it said ${text.slice(0, 2000)}`));
      else resolve(JSON.parse(line) as Sample);
    });
  });
}

const samples = new Map<string, Sample[]>(Object.keys(files).map((name) => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, list] of samples) {
    const one = await sample(name);
    // The first round warms the file system's cache.
    if (round > 0) list.push(one);
  }
}
agent.close();
agent.closeAllConnections();

function median(name: string, key: keyof Sample): number {
  const values = samples
    .get(name)!
    .map((one) => one[key])
    .toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)]!;
}

const rows = [...samples.keys()].map((name) => ({
  variant: name,
  'init ms': round2(median(name, 'initMs')),
  'init CPU ms': round2(median(name, 'initCpuMs')),
  'first call ms': round2(median(name, 'firstMs')),
  'warm p50 µs': round2(median(name, 'p50Us')),
  'warm p99 µs': round2(median(name, 'p99Us')),
  'CPU µs/call': round2(median(name, 'cpuUs')),
  'RSS MiB': round2(median(name, 'rssMiB')),
}));
const size = statSync(join(work, 'lambda', 'index.js')).size;
rmSync(work, { recursive: true, force: true });
if (options.json) console.log(JSON.stringify({ rows, size, rounds }));
else {
  console.table(rows);
  console.log(`library, one file, minified: ${size} bytes; medians of ${rounds} processes each`);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
