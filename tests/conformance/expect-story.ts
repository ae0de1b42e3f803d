import { expect } from 'vitest';
import type { SpanJson, TraceResponse } from '@spanloom/contract';
import type { Story, ToldSpan } from '../story.ts';

/** How far an event may lie outside its span: clocks of a tracer are not all the same clock. */
const eventToleranceNs = 5_000_000_000n;

/** Checks that `trace` says all that the program said, and holds nothing that it did not. */
export function expectStory(trace: TraceResponse, story: Story): void {
  expect(trace.trace_id).toBe(story.trace_id);
  expect(trace.env).toBe(story.env);
  expect(trace.problems).toEqual([]);
  expect(trace.complete).toBe(true);
  expect(trace.error).toBe(true);
  expect(trace.spans.map((span) => span.span_id).toSorted()).toEqual(
    story.spans.map((span) => span.span_id).toSorted(),
  );
  for (const told of story.spans) {
    const span = trace.spans.find(({ span_id }) => span_id === told.span_id);
    expectSpan(span!, told, story);
  }
}

/** Checks that every span of `trace` started within the last two minutes. */
export function expectRecent(trace: TraceResponse): void {
  for (const span of trace.spans) {
    const ageNs = BigInt(Date.now()) * 1_000_000n - BigInt(span.start_ns);
    expect(ageNs, `age of ${span.name}`).toBeGreaterThan(0n);
    expect(ageNs, `age of ${span.name}`).toBeLessThan(120_000_000_000n);
  }
}

function expectSpan(span: SpanJson, told: ToldSpan, story: Story): void {
  expect(span, told.name).toMatchObject({
    span_id: told.span_id,
    parent_id: told.parent_id,
    name: told.name,
    service: told.service,
    resource: told.resource,
    env: story.env,
    error: told.error,
    hidden: false,
    meta: { ...told.meta, ...flagTexts(told), ...errorTexts(told) },
    metrics: told.metrics,
  });
  // A version belongs to a service: most tracers leave it out where a span names another one.
  if (told.service === story.spans[0]?.service) {
    expect(span.version, told.name).toBe(story.version);
  }
  if (told.type !== undefined) expect(span.type, told.name).toBe(told.type);
  const kind = told.kind ?? told.meta['span.kind'];
  if (kind !== undefined) expect(span.kind, told.name).toBe(kind);
  for (const [key, part] of Object.entries(told.meta_has ?? {})) {
    expect(span.meta[key], `${told.name} ${key}`).toContain(part);
  }
  if (told.otel_name !== undefined) {
    // An operation name was derived from it; the original must still be somewhere.
    expect(JSON.stringify(span), told.name).toContain(JSON.stringify(told.otel_name).slice(1, -1));
  }
  expect(span.duration_ns, `duration of ${told.name}`).toBeGreaterThan(0);
  expectLinks(span, told);
  expectEvents(span, told);
}

function flagTexts({ flags = {} }: ToldSpan): Record<string, string> {
  return Object.fromEntries(Object.entries(flags).map(([key, value]) => [key, String(value)]));
}

function errorTexts(told: ToldSpan): Record<string, string> {
  return {
    ...(told.error_type === undefined ? {} : { 'error.type': told.error_type }),
    ...(told.error_message === undefined ? {} : { 'error.message': told.error_message }),
  };
}

function expectLinks(span: SpanJson, told: ToldSpan): void {
  expect(span.links, `links of ${told.name}`).toHaveLength(told.links.length);
  for (const [at, link] of told.links.entries()) {
    expect(span.links[at], `links of ${told.name}`).toMatchObject(link);
  }
}

function expectEvents(span: SpanJson, told: ToldSpan): void {
  expect(span.events, `events of ${told.name}`).toHaveLength(told.events.length);
  for (const [at, event] of told.events.entries()) {
    expect(span.events[at], `events of ${told.name}`).toMatchObject(event);
    const fromStartNs = BigInt(span.events[at]!.time_ns) - BigInt(span.start_ns);
    expect(fromStartNs, `time of ${event.name}`).toBeGreaterThan(-eventToleranceNs);
    expect(fromStartNs, `time of ${event.name}`).toBeLessThan(eventToleranceNs);
  }
}
