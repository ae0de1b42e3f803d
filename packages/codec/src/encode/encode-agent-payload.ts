import type { AttributeValue, Span } from '@spanloom/model';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';
import { ANY, anyTypeOf, metaOf, metricsOf, textOfValue, wireFlags } from './datadog-span.ts';
import { chunksOf, Envelope, groupsOf } from './envelope.ts';
import { writeIndexedPayload } from './indexed-payload.ts';

/** Which of the payload's forms to write. */
export interface AgentPayloadOptions {
  /** `tracer`: field 5, as agents do; `indexed`: field 11, as they do for v1.0; `legacy`: field 3, as the forwarder does. */
  readonly form?: 'tracer' | 'indexed' | 'legacy';
}

/** A backend payload as `/api/v0.2/traces` takes it. */
export function encodeAgentPayload(
  spans: readonly Span[],
  options: AgentPayloadOptions = {},
): Uint8Array {
  const writer = new ProtobufWriter();
  const outer = new Envelope(spans[0]?.envelope ?? '');
  writer.string(1, outer.text('hostname'));
  writer.string(2, outer.text('env'));
  for (const [key, value] of Object.entries(outer.tags('agent_tags')))
    writeTag(writer, 6, key, value);
  writer.string(7, outer.text('agent_version'));
  if (options.form === 'legacy') {
    for (const chunk of chunksOf(spans)) {
      writer.message(3, () => {
        writer.integer(1, chunk[0]!.traceId.lo);
        for (const span of chunk) writer.message(2, () => writeSpan(writer, span, chunk, true));
      });
    }
    return writer.finish();
  }
  for (const payload of groupsOf(spans, payloadFacts)) {
    if (options.form === 'indexed') writer.message(11, () => writeIndexedPayload(writer, payload));
    else writer.message(5, () => writeTracerPayload(writer, payload));
  }
  return writer.finish();
}

const FACTS = [
  [1, 'container_id'],
  [2, 'language'],
  [3, 'language_version'],
  [4, 'tracer_version'],
  [5, 'runtime_id'],
  [8, 'env'],
  [9, 'hostname'],
  [10, 'app_version'],
] as const;

/** What must agree for two spans to go into one tracer's payload. */
function payloadFacts(span: Span): string {
  const envelope = new Envelope(span.envelope);
  return JSON.stringify([
    ...FACTS.map(([, member]) => envelope.text(member)),
    envelope.tags('tags'),
  ]);
}

function writeTracerPayload(writer: ProtobufWriter, spans: readonly Span[]): void {
  const envelope = new Envelope(spans[0]!.envelope);
  for (const [field, member] of FACTS) writer.string(field, envelope.text(member));
  for (const [key, value] of Object.entries(envelope.tags('tags'))) writeTag(writer, 7, key, value);
  for (const chunk of chunksOf(spans)) {
    const own = new Envelope(chunk[0]!.envelope);
    writer.message(6, () => {
      // Written even when 0, which proto3 would leave out: it is then told from none.
      writer.integerAlways(1, chunk[0]!.priority ?? -128);
      writer.string(2, own.text('chunk_origin'));
      for (const span of chunk) writer.message(3, () => writeSpan(writer, span, chunk, false));
      for (const [key, value] of Object.entries(own.tags('chunk_tags')))
        writeTag(writer, 4, key, value);
      writer.boolean(5, own.flag('dropped_trace'));
    });
  }
}

function writeSpan(
  writer: ProtobufWriter,
  span: Span,
  chunk: readonly Span[],
  statePriority: boolean,
): void {
  writer.string(1, span.service);
  writer.string(2, span.name);
  writer.string(3, span.resource);
  writer.integer(4, span.traceId.lo);
  writer.integer(5, span.spanId);
  writer.integer(6, span.parentId ?? 0n);
  writer.integer(7, span.start);
  writer.integer(8, span.duration);
  writer.integer(9, span.error ? 1 : 0);
  for (const [key, value] of metaOf(span, span === chunk[0])) writeTag(writer, 10, key, value);
  for (const [key, value] of metricsOf(span, chunk, statePriority)) {
    writer.message(11, () => {
      writer.string(1, key);
      writer.double(2, Number(value));
    });
  }
  writer.string(12, span.type);
  for (const [key, value] of Object.entries(span.binary)) {
    writer.message(13, () => {
      writer.string(1, key);
      writer.bytes(2, value);
    });
  }
  for (const link of span.links) {
    writer.message(14, () => {
      writer.integer(1, link.traceId.lo);
      writer.integer(2, link.traceId.hi);
      writer.integer(3, link.spanId);
      for (const [key, value] of Object.entries(link.attributes))
        writeTag(writer, 4, key, textOfValue(value));
      writer.string(5, link.traceState);
      writer.integer(6, wireFlags(link));
    });
  }
  for (const event of span.events) {
    writer.message(15, () => {
      writer.fixed64(1, event.time);
      writer.string(2, event.name);
      for (const [key, value] of Object.entries(event.attributes)) {
        writer.message(3, () => {
          writer.string(1, key);
          writer.message(2, () => writeAnyValue(writer, value));
        });
      }
    });
  }
}

function writeAnyValue(writer: ProtobufWriter, value: AttributeValue): void {
  const type = anyTypeOf(value);
  writer.integer(1, type);
  if (typeof value === 'string') writer.string(2, value);
  else if (typeof value === 'boolean') writer.boolean(3, value);
  else if (typeof value === 'number') {
    if (type === ANY.integer) writer.integer(4, value);
    else writer.double(5, value);
  } else {
    writer.message(6, () => {
      for (const item of value) {
        writer.message(1, () =>
          writeAnyValue(writer, Array.isArray(item) ? JSON.stringify(item) : item),
        );
      }
    });
  }
}

/** Writes an entry of a map of text to text. */
function writeTag(writer: ProtobufWriter, field: number, key: string, value: string): void {
  writer.message(field, () => {
    writer.string(1, key);
    writer.string(2, value);
  });
}
