// Records what real clients send into `fixtures/`. Run it with `npm run record -w tests` after moving a client to
// another version; scripts/setup-test-runtimes.sh must have run before. Names after `--` select clients by label.
import { clients } from '../clients.ts';
import type { Client } from '../clients.ts';
import { runProgram } from '../run-program.ts';
import { whyAbsent } from '../runtimes.ts';
import type { Story } from '../story.ts';
import { ApplicationDirectory } from './application-directory.ts';
import { writeFixture } from './fixture-file.ts';
import { RecordingAgent } from './recording-agent.ts';
import { plainBody } from './plain-body.ts';
import type { RecordedRequest, RecordingOptions } from './recording-agent.ts';
import { checkHostName, scrubTelemetry } from './scrub.ts';

/** Makes a client count statistics itself, and stay up until its first interval of them is over. */
const statsEnv = { DD_TRACE_STATS_COMPUTATION_ENABLED: 'true', STORY_LINGER_MS: '22000' };

async function main(selected: readonly string[]): Promise<void> {
  checkHostName();
  using place = new ApplicationDirectory();
  const seen = new Set<string>();
  const chosen = clients.filter(
    ({ label }) => selected.length === 0 || selected.some((text) => label.includes(text)),
  );
  for (const client of chosen) {
    const absent = whyAbsent(client.runtime);
    if (absent !== undefined) throw new Error(`Cannot record ${client.label}: ${absent}`);
    await recordTraces(client, place);
    // Statistics and telemetry are the same whichever way traces are encoded: once per tracer is enough.
    const tracer = client.name.replace('-native-events', '');
    if (client.protocol !== 'agent' || seen.has(tracer)) continue;
    seen.add(tracer);
    await recordBesides(client, place);
  }
}

async function recordTraces(client: Client, place: ApplicationDirectory): Promise<void> {
  const { requests, story } = await capture(client, place, { clientDropsP0s: false });
  const payloads = requests.filter(
    (request) => request.path === client.tracesPath && holdsTrace(plainBody(request), story),
  );
  if (payloads.length !== 1) {
    const paths = requests.map(({ method, path, body }) => `${method} ${path} (${body.length})`);
    throw new Error(
      `Cannot record ${client.label}: expected one payload with the story at ${client.tracesPath}, ` +
        `found ${payloads.length} among ${paths.join(', ')}`,
    );
  }
  for (const request of payloads) {
    writeFixture({
      format: client.format,
      name: client.name,
      client: client.label,
      request,
      story,
    });
  }
}

/** Statistics and telemetry of a client: sent beside the traces, so recorded in a run of their own. */
async function recordBesides(client: Client, place: ApplicationDirectory): Promise<void> {
  const computing = { ...client, env: { ...client.env, ...statsEnv } };
  const { requests } = await capture(computing, place, { clientDropsP0s: true });
  const stats = requests.find(({ path }) => path === '/v0.6/stats');
  if (stats === undefined) {
    throw new Error(`Cannot record the statistics of ${client.label}: it sent none`);
  }
  const { name, label } = client;
  writeFixture({ format: 'stats-v0.6', name, client: label, request: stats });

  const telemetry = requests.find(({ path }) => path.startsWith('/telemetry/'));
  if (telemetry === undefined) return;
  writeFixture({
    format: 'telemetry',
    name: client.name,
    client: client.label,
    request: { ...telemetry, body: scrubTelemetry(telemetry.body) },
  });
}

async function capture(
  client: Client,
  place: ApplicationDirectory,
  options: RecordingOptions,
): Promise<{ requests: readonly RecordedRequest[]; story: Story }> {
  await using agent = await RecordingAgent.start(options);
  const { story } = await runProgram(client, place.copyOf(client), {
    agent: agent.httpUrl,
    otlpHttp: agent.httpUrl,
    otlpGrpc: agent.grpcUrl,
  });
  return { requests: agent.requests, story };
}

/** Whether a body carries a span of the story, in whichever form its format writes ids. */
function holdsTrace(body: Buffer, story: Story): boolean {
  const root = story.spans[0]?.span_id ?? '';
  return body.includes(Buffer.from(root, 'hex')) || body.includes(root);
}

await main(process.argv.slice(2));
