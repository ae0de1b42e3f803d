import type { Span } from '@spanloom/model';
import { type ExactJson, parseExactJson } from '../wire/json-text.ts';

type JsonObject = { readonly [key: string]: ExactJson };

/** A span's envelope, read back for encoding. */
export class Envelope {
  readonly #members: JsonObject;

  constructor(json: string) {
    const value = json === '' ? {} : parseExactJson(json);
    this.#members = isObject(value) ? value : {};
  }

  /** A member's text, '' when there is none. */
  text(name: string): string {
    const value = this.#members[name];
    return typeof value === 'string' ? value : '';
  }

  object(name: string): JsonObject {
    const value = this.#members[name];
    return isObject(value) ? value : {};
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined;
  }

  flag(name: string): boolean {
    return this.#members[name] === true;
  }

  number(name: string): number | undefined {
    const value = this.#members[name];
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  }

  /** Text tags, such as those of a payload. */
  tags(name: string): Record<string, string> {
    const tags: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.object(name))) {
      if (typeof value === 'string') tags[key] = value;
    }
    return tags;
  }
}

export function isObject(value: ExactJson | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The headers with which a tracer sends what its envelope says: formats without room for it in the body need them. */
export function agentHeaders(envelopeJson: string): Record<string, string> {
  const envelope = new Envelope(envelopeJson);
  const headers: Record<string, string> = {};
  for (const [header, member] of HEADERS) {
    const text = envelope.text(member);
    if (text !== '') headers[header] = text;
  }
  return headers;
}

const HEADERS = [
  ['datadog-meta-lang', 'language'],
  ['datadog-meta-lang-version', 'language_version'],
  ['datadog-meta-lang-interpreter', 'interpreter'],
  ['datadog-meta-tracer-version', 'tracer_version'],
  ['datadog-container-id', 'container_id'],
] as const;

/** Spans that follow each other and agree in `key`, together. */
export function groupsOf(spans: readonly Span[], key: (span: Span) => string): Span[][] {
  const groups: Span[][] = [];
  let last: string | undefined;
  for (const span of spans) {
    const own = key(span);
    if (own === last) groups.at(-1)!.push(span);
    else groups.push([span]);
    last = own;
  }
  return groups;
}

/** Spans of one trace that follow each other and came in one envelope. */
export function chunksOf(spans: readonly Span[]): Span[][] {
  return groupsOf(spans, (span) => `${span.traceId.hi}:${span.traceId.lo}:${span.envelope}`);
}
