import { formatTraceId, type TraceId } from '@spanloom/base';
import type { AttributeValue, Span } from '@spanloom/model';
import type { ExactJson } from '../wire/json-text.ts';
import { MsgpackWriter } from '../wire/msgpack-writer.ts';
import { wireFlags } from './datadog-span.ts';
import { chunksOf, Envelope } from './envelope.ts';
import { bytesOfJson, type TypedAttribute, v10Span } from './v10-fields.ts';

/** Agent traces v1.0. The spans are of one sender: what the first one's envelope says about it is said for all. */
export function encodeAgentV10(spans: readonly Span[]): Uint8Array {
  return new V10Encoder().encode(spans);
}

/** Writes texts once and refers to them afterwards, in the order of the wire. */
class V10Encoder {
  readonly #out = new MsgpackWriter();
  readonly #texts = new Map<string, number>([['', 0]]);

  encode(spans: readonly Span[]): Uint8Array {
    const out = this.#out;
    const envelope = new Envelope(spans[0]?.envelope ?? '');
    const texts = [
      [2, envelope.text('container_id')],
      [3, envelope.text('language')],
      [4, envelope.text('language_version')],
      [5, envelope.text('tracer_version')],
      [6, envelope.text('runtime_id')],
      [7, envelope.text('env')],
      [8, envelope.text('hostname')],
      [9, envelope.text('app_version')],
    ] as const;
    out.map(texts.length + 2);
    for (const [key, text] of texts) {
      out.int(key);
      this.#text(text);
    }
    out.int(10);
    this.#jsonAttributes(envelope.object('tags'));
    out.int(11);
    const chunks = chunksOf(spans);
    out.array(chunks.length);
    for (const chunk of chunks) this.#chunk(chunk);
    return Uint8Array.from(out.out.view());
  }

  #chunk(chunk: readonly Span[]): void {
    const out = this.#out;
    const first = chunk[0]!;
    const envelope = new Envelope(first.envelope);
    const mechanism = envelope.number('sampling_mechanism');
    out.map(mechanism === undefined ? 5 : 6);
    out.int(1);
    out.int(first.priority ?? -128);
    out.int(2);
    this.#text(envelope.text('chunk_origin'));
    out.int(3);
    this.#jsonAttributes(envelope.object('chunk_tags'));
    out.int(6);
    out.binary(idBytes(first.traceId));
    if (mechanism !== undefined) {
      out.int(7);
      out.int(mechanism);
    }
    out.int(4);
    out.array(chunk.length);
    for (const span of chunk) this.#span(span);
  }

  #span(span: Span): void {
    const out = this.#out;
    const { env, version, component, kind, attributes } = v10Span(span);
    out.map(16);
    this.#field(1, span.service);
    this.#field(2, span.name);
    this.#field(3, span.resource);
    out.int(4);
    out.bigint(span.spanId);
    out.int(5);
    out.bigint(span.parentId ?? 0n);
    out.int(6);
    out.bigint(span.start);
    out.int(7);
    out.int(span.duration);
    out.int(8);
    out.boolean(span.error);
    out.int(9);
    out.array(attributes.length * 3);
    for (const [key, value] of attributes) {
      this.#text(key);
      this.#typed(value);
    }
    this.#field(10, span.type);
    out.int(11);
    out.array(span.links.length);
    for (const link of span.links) {
      out.map(5);
      out.int(1);
      out.binary(idBytes(link.traceId));
      out.int(2);
      out.bigint(link.spanId);
      out.int(3);
      this.#values(link.attributes);
      this.#field(4, link.traceState);
      out.int(5);
      out.int(wireFlags(link));
    }
    out.int(12);
    out.array(span.events.length);
    for (const event of span.events) {
      out.map(3);
      out.int(1);
      out.bigint(event.time);
      this.#field(2, event.name);
      out.int(3);
      this.#values(event.attributes);
    }
    this.#field(13, env);
    this.#field(14, version);
    this.#field(15, component);
    out.int(16);
    out.int(kind);
  }

  #field(key: number, text: string): void {
    this.#out.int(key);
    this.#text(text);
  }

  #text(text: string): void {
    const known = this.#texts.get(text);
    if (known !== undefined) return this.#out.int(known);
    this.#texts.set(text, this.#texts.size);
    this.#out.text(text);
  }

  /** A value behind its type. */
  #typed(value: TypedAttribute): void {
    const out = this.#out;
    switch (value.type) {
      case 'string':
        out.int(1);
        return this.#text(value.value);
      case 'boolean':
        out.int(2);
        return out.boolean(value.value);
      case 'double':
        out.int(3);
        return out.double(value.value);
      case 'integer':
        out.int(4);
        return out.bigint(value.value);
      case 'bytes':
        out.int(5);
        return out.binary(value.value);
      case 'json':
        return this.#json(value.value);
    }
  }

  #json(value: ExactJson): void {
    const out = this.#out;
    if (value === null) return this.#typed({ type: 'string', value: '' });
    if (typeof value === 'string') return this.#typed({ type: 'string', value });
    if (typeof value === 'boolean') return this.#typed({ type: 'boolean', value });
    if (typeof value === 'number') return this.#typed({ type: 'double', value });
    if (typeof value === 'bigint') return this.#typed({ type: 'integer', value });
    const bytes = bytesOfJson(value);
    if (bytes !== undefined) return this.#typed({ type: 'bytes', value: bytes });
    if (Array.isArray(value)) {
      out.int(6);
      out.array(value.length * 2);
      for (const item of value as readonly ExactJson[]) this.#json(item);
      return;
    }
    out.int(7);
    this.#jsonAttributes(value as { readonly [key: string]: ExactJson });
  }

  #jsonAttributes(value: { readonly [key: string]: ExactJson }): void {
    const entries = Object.entries(value);
    this.#out.array(entries.length * 3);
    for (const [key, item] of entries) {
      this.#text(key);
      this.#json(item);
    }
  }

  #values(values: Readonly<Record<string, AttributeValue>>): void {
    const entries = Object.entries(values);
    this.#out.array(entries.length * 3);
    for (const [key, value] of entries) {
      this.#text(key);
      this.#value(value);
    }
  }

  #value(value: AttributeValue): void {
    if (typeof value === 'object') {
      this.#out.int(6);
      this.#out.array(value.length * 2);
      for (const item of value) this.#value(item);
    } else if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#typed({ type: 'integer', value: BigInt(value) });
    } else {
      this.#json(value);
    }
  }
}

/** A trace id as 16 bytes, highest first. */
export function idBytes(id: TraceId): Uint8Array {
  return Buffer.from(formatTraceId(id).padStart(32, '0'), 'hex');
}
