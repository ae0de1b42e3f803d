import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients, programDirectory } from '../clients.ts';
import type { Client } from '../clients.ts';
import { runProgram } from '../run-program.ts';
import { leaveOut, whyAbsent } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';
import { WatchingProxy } from '../watching-proxy.ts';
import type { Exchange } from '../watching-proxy.ts';
import { complaints } from './complaints.ts';
import { expectRecent, expectStory } from './expect-story.ts';
import { readTrace } from './read-trace.ts';

let server: SpanloomServer;

beforeAll(async () => {
  server = await SpanloomServer.start();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe('an unmodified client has every span readable through the API', () => {
  for (const client of clients) {
    test(client.label, async (context) => {
      const absent = whyAbsent(client.runtime);
      if (absent !== undefined) {
        leaveOut(client.label, absent);
        context.skip(absent);
      }
      await using agent = await WatchingProxy.start(server.agentUrl);
      await using otlp = await WatchingProxy.start(server.otlpHttpUrl);

      const run = await runProgram(client, programDirectory(client), {
        agent: agent.url,
        otlpHttp: otlp.url,
        otlpGrpc: server.otlpGrpcUrl,
      });

      const trace = await readTrace(server.url, run.story.trace_id, run.story.spans.length);
      expectStory(trace, run.story);
      expectRecent(trace);
      expect(complaints(run.stdout + run.stderr)).toEqual([]);
      if (client.protocol === 'agent') expectHealthyAgentApi(agent, client);
      if (client.protocol === 'otlp-http') expectAccepted(otlp.at(client.tracesPath));
    });
  }
});

function expectAccepted(exchanges: readonly Exchange[]): void {
  expect(exchanges.length).toBeGreaterThan(0);
  expect(exchanges.map(({ status }) => status)).toEqual(exchanges.map(() => 200));
}

/** What a client sees of the agent API: traces taken, rates it understands, and a state that does not flicker. */
function expectHealthyAgentApi(agent: WatchingProxy, client: Client): void {
  const traces = agent.at(client.tracesPath);
  expectAccepted(traces);
  for (const { body } of traces) {
    expect(JSON.parse(body.toString('utf8'))).toEqual({
      rate_by_service: { 'service:,env:': 1 },
    });
  }
  expect(agent.exchanges.filter(({ status }) => status >= 400)).toEqual([]);

  const described = agent.at('/info').at(0);
  if (described === undefined) return;
  const state = createHash('sha256').update(described.body).digest('hex');
  expect(traces.map(({ headers }) => headers['datadog-agent-state'])).toEqual(
    traces.map(() => state),
  );
  // A client that reads the description again took the state in a reply for a new one. Java reads it twice at its start.
  const atStart = client.runtime === 'java' ? 2 : 1;
  expect(agent.at('/info').length).toBeLessThanOrEqual(atStart);
}
