// The recorded payloads, decoded and assembled without a server: the fast half of what `clients.test.ts` checks live.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createApi } from '@spanloom/api';
import { joinKey, systemClock } from '@spanloom/base';
import { decodeRecord } from '@spanloom/codec';
import type { TraceResponse } from '@spanloom/contract';
import { SpanBatch } from '@spanloom/model';
import type { RecordFormat, Span } from '@spanloom/model';
import { plainBody } from '../record/plain-body.ts';
import { repository } from '../runtimes.ts';
import type { Story } from '../story.ts';
import { expectStory } from './expect-story.ts';

/** The folders of `fixtures/` whose payloads carry spans. */
const formats: Readonly<Record<string, RecordFormat>> = {
  'agent-v0.4': 'agent-v0.4-msgpack',
  'agent-v0.5': 'agent-v0.5-msgpack',
  'agent-v1.0': 'agent-v1.0-msgpack',
  'otlp-http-protobuf': 'otlp-traces-protobuf',
  'otlp-http-json': 'otlp-traces-json',
  'otlp-grpc': 'otlp-traces-protobuf',
};

interface Recording {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly story: Story;
}

const fixtures = join(repository, 'fixtures');
const cases = Object.keys(formats)
  .flatMap((format) => readdirSync(join(fixtures, format)).map((file) => `${format}/${file}`))
  .filter((file) => file.endsWith('.bin'));

describe('a recorded payload decodes to what its program says it sent', () => {
  test.each(cases)('%s', async (file) => {
    const recording = JSON.parse(
      readFileSync(join(fixtures, dirname(file), `${basename(file, '.bin')}.json`), 'utf8'),
    ) as Recording;
    const body = readFileSync(join(fixtures, file));

    const batch = new SpanBatch();
    const outcome = decodeRecord(
      {
        format: formats[dirname(file)]!,
        receivedMs: Date.now(),
        headers: recording.headers,
        body: plainBody({ ...recording, body }),
      },
      batch,
    );

    // The story, and the one span of the trace before it.
    expect(outcome).toMatchObject({ traces: 2, spans: recording.story.spans.length + 1 });
    expect(outcome.malformedSpans).toEqual({});
    const spans = Array.from({ length: batch.length }, (_, row) => batch.span(row));
    expectStory(await traceOf(spans, recording.story.trace_id), recording.story);
  });
});

test('every format of the list has a recorded payload', () => {
  expect([...new Set(cases.map((file) => dirname(file)))]).toEqual(Object.keys(formats));
});

const refuse = () => Promise.reject(new Error('Only the trace is read in this test'));

/** What `GET /api/traces/{id}` answers when `spans` is all there is. */
async function traceOf(spans: readonly Span[], id: string): Promise<TraceResponse> {
  const api = createApi({
    spans: {
      traces: async (ids) => ({
        spans: spans.filter((span) => ids.some((one) => joinKey(one) === joinKey(span.traceId))),
        omitted: 0,
      }),
      tracesByKey: async () => [],
      rawTrace: refuse,
      search: refuse,
      environments: refuse,
    },
    analytics: { aggregate: refuse },
    services: { map: refuse },
    system: { system: refuse, unreadyReasons: () => [], metricsText: refuse },
    clock: systemClock,
    token: undefined,
    reportError: (error) => {
      throw error;
    },
  });
  const response = await api.request(`/api/traces/${id}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Cannot assemble: ${response.status} ${text}`);
  return JSON.parse(text) as TraceResponse;
}
