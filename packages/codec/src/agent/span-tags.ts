import { KINDS } from '@spanloom/model';
import type { SpanSink } from '../sink/span-sink.ts';
import type { WireStrings } from '../wire/wire-strings.ts';

const KIND_BYTES = KINDS.map((kind) => Buffer.from(kind));

/**
 * The parts of a v1.0 span that are attributes in every other format: environment, version, component, kind and sampling
 * mechanism. They become attributes here too, unless the span's own attributes state them.
 */
export class SpanTags {
  readonly #sink: SpanSink;
  readonly #keys: {
    env: number;
    version: number;
    component: number;
    kind: number;
    mechanism: number;
  };
  #strings: WireStrings | undefined;
  #env = 0;
  #version = 0;
  #component = 0;
  #kind = 0;

  constructor(sink: SpanSink) {
    this.#sink = sink;
    this.#keys = {
      env: sink.keys.of('env'),
      version: sink.keys.of('version'),
      component: sink.keys.of('component'),
      kind: sink.keys.of('span.kind'),
      mechanism: sink.keys.of('_dd.p.dm'),
    };
  }

  clear(): void {
    this.#env = 0;
    this.#version = 0;
    this.#component = 0;
    this.#kind = 0;
  }

  setEnv(strings: WireStrings, text: number): void {
    this.#strings = strings;
    this.#env = text;
  }

  setVersion(strings: WireStrings, text: number): void {
    this.#strings = strings;
    this.#version = text;
  }

  setComponent(strings: WireStrings, text: number): void {
    this.#strings = strings;
    this.#component = text;
  }

  setKind(kind: number): void {
    this.#kind = kind;
  }

  /** Puts what was set on the open span. */
  apply(): void {
    const keys = this.#keys;
    this.#add(keys.env, this.#env);
    this.#add(keys.version, this.#version);
    this.#add(keys.component, this.#component);
    const kind = KIND_BYTES[this.#kind];
    if (this.#kind > 0 && kind !== undefined && !this.#sink.hasText(keys.kind)) {
      this.#sink.text(keys.kind, kind, 0, kind.length);
    }
  }

  /** The sampling mechanism, which other formats state on the first span of a chunk. */
  addMechanism(mechanism: number): void {
    if (!this.#sink.hasText(this.#keys.mechanism))
      this.#sink.textOf(this.#keys.mechanism, `-${mechanism}`);
  }

  #add(key: number, text: number): void {
    const strings = this.#strings;
    if (text === 0 || strings === undefined || this.#sink.hasText(key)) return;
    const start = strings.start(text);
    const end = strings.end(text);
    if (end > start) this.#sink.text(key, strings.bytes, start, end);
  }
}
