import { afterAll, beforeAll, expect, test } from 'vitest';
import { clients, programDirectory } from '../clients.ts';
import type { Client } from '../clients.ts';
import { runProgram } from '../run-program.ts';
import { leaveOut, whyAbsent } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';
import type { Story } from '../story.ts';
import { expectStory } from './expect-story.ts';
import { readTrace } from './read-trace.ts';

let server: SpanloomServer;

beforeAll(async () => {
  server = await SpanloomServer.start();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** A chain of callers: each of another language and wire format. */
const chain = [
  'dd-trace 6 for Node, v0.4',
  'ddtrace for Python, v0.5',
  'dd-trace-go 2, v1.0',
  'dd-java-agent, v0.4',
  'dd-trace 5 for Node, v0.5',
].map((label) => clients.find((client) => client.label === label)!);

/** `client` as it runs when the program that told `story` calls it. */
function calledFrom(story: Story | undefined, client: Client): Client {
  if (story?.context === undefined) return client;
  const { context } = story;
  return {
    ...client,
    env: {
      ...client.env,
      STORY_CONTEXT: JSON.stringify(context),
      STORY_TRACEPARENT: context['traceparent'] ?? '',
    },
  };
}

test('a trace that passes through tracers of four languages is one tree', async (context) => {
  const present = chain.filter((client) => {
    const absent = whyAbsent(client.runtime);
    if (absent === undefined) return true;
    leaveOut(`${client.label} in one trace of many`, absent);
    return false;
  });
  if (present.length < 2) context.skip('fewer than two clients');

  const stories: Story[] = [];
  for (const client of present) {
    const called = calledFrom(stories.at(-1), client);
    const targets = {
      agent: server.agentUrl,
      otlpHttp: server.otlpHttpUrl,
      otlpGrpc: server.otlpGrpcUrl,
    };
    const { story } = await runProgram(called, programDirectory(client), targets);
    stories.push(story);
  }

  const [first] = stories;
  const spans = stories.flatMap((story) => story.spans);
  // Every program took over the whole id, not only the half that the oldest header carries.
  expect(stories.map(({ trace_id }) => trace_id)).toEqual(stories.map(() => first?.trace_id));
  expect(spans.filter(({ parent_id }) => parent_id === null)).toHaveLength(1);

  const trace = await readTrace(server.url, first!.trace_id, spans.length);
  expectStory(trace, { ...first!, spans });
  expect(trace.spans[0]?.span_id).toBe(first!.spans[0]?.span_id);
});
