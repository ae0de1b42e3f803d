// The same events to the reference and to us: every span and every tag is the same, except for what is named here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { keepLog, lambdaContext, withEnvironment } from './testing/fake-lambda.ts';
import { datadog } from './wrap.ts';

interface Reference {
  readonly name: string;
  readonly resource: string;
  readonly service: string;
  readonly type?: string;
  readonly error: number;
  readonly parent: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', name), 'utf8'));
}

const { epochMs, events } = fixture('events.json') as {
  epochMs: number;
  events: Record<string, { fail?: boolean }>;
};
const reference = fixture('reference-spans.json') as Record<string, Reference[]>;

/** Different in each process, or about the tracer that made the span. */
const ofTheProcess =
  /^(?:runtime-id|process_id|datadog_lambda|dd_trace|version|_dd\.(?:integration|tags\.process|p\.tid|p\.dm|svc_src|sdk\.otlp_export|agent_psr))$/;

/** Tags that differ on purpose, by event; `*` is any. */
const differences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '*': {
    _sampling_priority_v1: 'a number wherever the context came from (D2)',
    '_dd.top_level':
      'the reference marks more than one span where a trace leaves in two parts (D29)',
  },
  kinesis: { shardid: 'the shard, not the sequence number (D8)' },
  eventbridge: { detail_type: 'as the Python library has it' },
  'eventbridge in sqs': { detail_type: 'as the Python library has it' },
  'a failing request': { 'http.status_code': 'on both spans' },
};

describe.each(Object.keys(events))('%s', (name) => {
  test('is what the reference makes of it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: epochMs });
    onTestFinished(() => void vi.useRealTimers());
    withEnvironment({ AWS_LAMBDA_FUNCTION_NAME: 'Orders', AWS_REGION: 'eu-west-1' });
    const log = keepLog();
    const event = events[name]!;
    const handler = datadog(async (given: { fail?: boolean }, _context: unknown) => ({
      statusCode: given.fail === true ? 500 : 200,
    }));
    await handler(event, lambdaContext());
    const ours = log.spans();
    const names = new Map(ours.map((span) => [span.span_id, span.name]));
    // The reference has no span of the load balancer.
    const compared = ours.filter((span) => span.name !== 'aws.alb');
    const expected = reference[name]!;
    expect(compared.map((span) => span.name).toSorted(byText)).toEqual(
      expected.map((span) => span.name).toSorted(byText),
    );
    const known = { ...differences['*'], ...differences[name] };
    for (const theirs of expected) {
      const own = compared.find((span) => span.name === theirs.name)!;
      const parent = names.get(own.parent_id) ?? own.parent_id;
      expect({
        resource: own.resource,
        service: own.service,
        type: own.type,
        ...(parent === 'aws.alb' ? {} : { parent }),
        tags: tagsOf(own.meta, own.metrics, known),
      }).toEqual({
        resource: theirs.resource,
        service: theirs.service,
        type: theirs.type,
        ...(parent === 'aws.alb' ? {} : { parent: theirs.parent }),
        tags: { ...tagsOf(theirs.meta, theirs.metrics, known), ...added(own.meta, theirs.meta) },
      });
    }
  });
});

/** What we say beyond the reference: nothing that it could contradict. */
function added(
  own: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = ['http.useragent', 'http.url', 'init_type'];
  return Object.fromEntries(
    names.filter((key) => key in own && !(key in theirs)).map((key) => [key, own[key]!]),
  );
}

function tagsOf(
  meta: Readonly<Record<string, string>>,
  metrics: Readonly<Record<string, number>>,
  known: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const all = Object.entries({ ...meta, ...metrics });
  return Object.fromEntries(
    all.filter(([key]) => !ofTheProcess.test(key) && !(key in known) && key !== 'cold_start'),
  );
}

function byText(a: string, b: string): number {
  return a.localeCompare(b);
}
