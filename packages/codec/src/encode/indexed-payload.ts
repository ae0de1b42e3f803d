import type { AttributeValue, Span } from '@spanloom/model';
import type { ExactJson } from '../wire/json-text.ts';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';
import { wireFlags } from './datadog-span.ts';
import { idBytes } from './encode-agent-v10.ts';
import { chunksOf, Envelope } from './envelope.ts';
import { bytesOfJson, type TypedAttribute, v10Span } from './v10-fields.ts';

/** Writes the fields of an indexed tracer payload: its texts come first, once each, and everything else refers to them. */
export function writeIndexedPayload(writer: ProtobufWriter, spans: readonly Span[]): void {
  const body = new IndexedWriter();
  body.payload(spans);
  for (const text of body.texts.keys()) writer.always(1, text);
  writer.out.raw(body.out.out.view());
}

class IndexedWriter {
  readonly out: ProtobufWriter = new ProtobufWriter();
  readonly texts: Map<string, number> = new Map([['', 0]]);

  payload(spans: readonly Span[]): void {
    const { out } = this;
    const envelope = new Envelope(spans[0]!.envelope);
    this.#text(2, envelope.text('container_id'));
    this.#text(3, envelope.text('language'));
    this.#text(4, envelope.text('language_version'));
    this.#text(5, envelope.text('tracer_version'));
    this.#text(6, envelope.text('runtime_id'));
    this.#text(7, envelope.text('env'));
    this.#text(8, envelope.text('hostname'));
    this.#text(9, envelope.text('app_version'));
    this.#jsonAttributes(10, envelope.object('tags'));
    for (const chunk of chunksOf(spans)) out.message(11, () => this.#chunk(chunk));
  }

  #chunk(chunk: readonly Span[]): void {
    const { out } = this;
    const first = chunk[0]!;
    const envelope = new Envelope(first.envelope);
    out.integer(1, first.priority ?? -128);
    this.#text(2, envelope.text('chunk_origin'));
    this.#jsonAttributes(3, envelope.object('chunk_tags'));
    for (const span of chunk) out.message(4, () => this.#span(span));
    out.boolean(5, envelope.flag('dropped_trace'));
    out.bytes(6, idBytes(first.traceId));
    const mechanism = envelope.number('sampling_mechanism');
    if (mechanism !== undefined) out.integerAlways(7, mechanism);
  }

  #span(span: Span): void {
    const { out } = this;
    const { env, version, component, kind, attributes } = v10Span(span);
    this.#text(1, span.service);
    this.#text(2, span.name);
    this.#text(3, span.resource);
    out.fixed64(4, span.spanId);
    out.integer(5, span.parentId ?? 0n);
    out.fixed64(6, span.start);
    out.integer(7, span.duration);
    out.boolean(8, span.error);
    for (const [key, value] of attributes) this.#attribute(9, key, () => this.#typed(value));
    this.#text(10, span.type);
    for (const link of span.links) {
      out.message(11, () => {
        out.bytes(1, idBytes(link.traceId));
        out.fixed64(2, link.spanId);
        this.#values(3, link.attributes);
        this.#text(4, link.traceState);
        out.integer(5, wireFlags(link));
      });
    }
    for (const event of span.events) {
      out.message(12, () => {
        out.fixed64(1, event.time);
        this.#text(2, event.name);
        this.#values(3, event.attributes);
      });
    }
    this.#text(13, env);
    this.#text(14, version);
    this.#text(15, component);
    out.integer(16, kind);
  }

  #reference(text: string): number {
    let reference = this.texts.get(text);
    if (reference === undefined) {
      reference = this.texts.size;
      this.texts.set(text, reference);
    }
    return reference;
  }

  #text(field: number, text: string): void {
    this.out.integer(field, this.#reference(text));
  }

  /** An entry of an attribute map. */
  #attribute(field: number, key: string, write: () => void): void {
    this.out.message(field, () => {
      this.#text(1, key);
      this.out.message(2, write);
    });
  }

  #typed(value: TypedAttribute): void {
    const { out } = this;
    switch (value.type) {
      case 'string':
        return out.integerAlways(1, this.#reference(value.value));
      case 'boolean':
        return out.integerAlways(2, value.value ? 1 : 0);
      case 'double':
        return out.double(3, value.value);
      case 'integer':
        return out.integerAlways(4, value.value);
      case 'bytes':
        return out.bytes(5, value.value);
      case 'json':
        return this.#json(value.value);
    }
  }

  #json(value: ExactJson): void {
    const { out } = this;
    if (value === null) return this.#typed({ type: 'string', value: '' });
    if (typeof value === 'string') return this.#typed({ type: 'string', value });
    if (typeof value === 'boolean') return this.#typed({ type: 'boolean', value });
    if (typeof value === 'number') return this.#typed({ type: 'double', value });
    if (typeof value === 'bigint') return this.#typed({ type: 'integer', value });
    const bytes = bytesOfJson(value);
    if (bytes !== undefined) return this.#typed({ type: 'bytes', value: bytes });
    if (Array.isArray(value)) {
      return out.message(6, () => {
        for (const item of value as readonly ExactJson[]) out.message(1, () => this.#json(item));
      });
    }
    return out.message(7, () =>
      this.#jsonAttributes(1, value as { readonly [key: string]: ExactJson }),
    );
  }

  #jsonAttributes(field: number, value: { readonly [key: string]: ExactJson }): void {
    for (const [key, item] of Object.entries(value))
      this.#attribute(field, key, () => this.#json(item));
  }

  #values(field: number, values: Readonly<Record<string, AttributeValue>>): void {
    for (const [key, value] of Object.entries(values))
      this.#attribute(field, key, () => this.#value(value));
  }

  #value(value: AttributeValue): void {
    if (typeof value === 'object') {
      this.out.message(6, () => {
        for (const item of value) this.out.message(1, () => this.#value(item));
      });
    } else if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#typed({ type: 'integer', value: BigInt(value) });
    } else {
      this.#json(value);
    }
  }
}
