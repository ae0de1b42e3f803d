import { STATUS_TEXTS } from './http-status-texts.ts';
import type { EpochNanos } from '@spanloom/base';
import { type AttributeValue, NO_PRIORITY, SPAN_FLAGS } from '@spanloom/model';
import { idWords } from '../agent-payload/decode-indexed-payload.ts';
import { addLink } from '../agent/span-map.ts';
import type { AttributeList } from '../sink/attribute-list.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { toBigint } from '../wire/int64.ts';
import type { ProtobufReader } from '../wire/protobuf-reader.ts';
import { readKeyValue, readValueInto } from './any-value.ts';
import { OtlpAttributes } from './otlp-attributes.ts';
import { SLOT } from './semantic-keys.ts';
import { KIND, SpanNames } from './span-names.ts';
import { parseDatadogState } from './trace-state.ts';

/** What stands around the spans of one scope. */
export interface Surroundings {
  readonly envelope: number;
  /** `service.name` of the resource. */
  readonly service: string;
  readonly scopeName: string;
  /** Attributes that every span has unless it states them itself, nearest first. */
  readonly inherited: readonly AttributeList[];
}

/** Scopes whose server and consumer spans are whole invocations of a Lambda function. */
const LAMBDA_SCOPE = /aws[._-]lambda/i;

const UNSET = 0;
const ERROR = 2;
const STATUS_NAMES = ['', 'OK', 'ERROR'];

const KIND_TEXTS = ['', 'internal', 'server', 'client', 'producer', 'consumer'].map((kind) =>
  Buffer.from(kind),
);
const HTTP_STATUS_TEXTS = Array.from({ length: 600 }, (_, status) => Buffer.from(String(status)));

/** Decodes OTLP spans, one message at a time. */
export class OtlpSpans {
  /** Distinct traces so far. */
  get traces(): number {
    return this.#traces.size;
  }

  readonly #sink: SpanSink;
  readonly #reader: ProtobufReader;
  readonly #attributes: OtlpAttributes;
  readonly #names: SpanNames;
  readonly #traces = new Set<number>();
  #around: Surroundings = { envelope: 0, service: '', scopeName: '', inherited: [] };
  #service: Buffer = Buffer.alloc(0);
  #isLambda = false;
  readonly #keys: Readonly<Record<KnownKey, number>>;

  constructor(sink: SpanSink, reader: ProtobufReader) {
    this.#sink = sink;
    this.#reader = reader;
    this.#attributes = new OtlpAttributes(sink, reader.bytes);
    this.#names = new SpanNames(sink, this.#attributes, reader.bytes);
    this.#keys = Object.fromEntries(KNOWN_KEYS.map((key) => [key, sink.keys.of(key)])) as Record<
      KnownKey,
      number
    >;
  }

  /** The spans that follow stand in these surroundings. */
  begin(around: Surroundings): void {
    this.#around = around;
    this.#service = Buffer.from(around.service, 'utf8');
    this.#isLambda = LAMBDA_SCOPE.test(around.scopeName);
  }

  /** Decodes the span message that the reader has entered. */
  decode(end: number): void {
    const sink = this.#sink;
    const reader = this.#reader;
    const attributes = this.#attributes;
    const { batch } = sink;
    const mark = batch.mark();
    const name = { start: 0, end: 0 };
    const message = { start: 0, end: 0 };
    let [kind, status, flags] = [0, UNSET, 0];
    let [endHigh, endLow] = [0, 0];
    let [droppedAttributes, droppedEvents, droppedLinks] = [0, 0, 0];
    let traceState = '';
    let problem = '';
    let [traceFound, spanFound] = [false, false];
    sink.beginSpan();
    attributes.clear();
    const { row } = sink;
    while (reader.next(end)) {
      switch (reader.field) {
        case 1:
          traceFound = this.#readTraceId(end, row);
          break;
        case 2:
          spanFound = this.#readSpanId(end);
          batch.spanId.set(row, this.#idHigh, this.#idLow);
          break;
        case 3:
          traceState = reader.readString(end);
          break;
        case 4:
          if (this.#readSpanId(end)) batch.parentId.set(row, this.#idHigh, this.#idLow);
          else if (reader.end > reader.start && reader.end - reader.start !== 8)
            sink.count('ParentIDInvalid');
          break;
        case 5:
          reader.readBytes(end);
          name.start = reader.start;
          name.end = reader.end;
          break;
        case 6:
          kind = reader.readVarint(end);
          break;
        case 7:
          reader.readInt64(end);
          batch.start.set(row, reader.high, reader.low);
          break;
        case 8:
          reader.readInt64(end);
          endHigh = reader.high;
          endLow = reader.low;
          break;
        case 9:
          readKeyValue(reader, reader.enter(end), sink.keys, attributes);
          break;
        case 10:
          droppedAttributes = reader.readVarint(end);
          break;
        case 11:
          this.#readEvent(reader.enter(end));
          break;
        case 12:
          droppedEvents = reader.readVarint(end);
          break;
        case 13:
          this.#readLink(reader.enter(end));
          break;
        case 14:
          droppedLinks = reader.readVarint(end);
          break;
        case 15:
          status = this.#readStatus(reader.enter(end), message);
          break;
        case 16:
          flags = reader.readFixed32(end);
          break;
        default:
          reader.skip(end);
      }
    }
    if (!traceFound) problem = 'trace id is not 16 bytes or is zero';
    else if (!spanFound) problem = 'span id is not 8 bytes or is zero';
    if (problem !== '') return this.#reject(problem, mark);
    for (const list of this.#around.inherited) list.applyTo(attributes, attributes.has);
    batch.kind[row] = kind <= KIND.consumer ? kind : KIND.unspecified;
    this.#setDuration(row, endHigh, endLow);
    this.#setNames(batch.kind[row], name);
    this.#setStatus(status, message.start, message.end);
    this.#setRest(traceState, { droppedAttributes, droppedEvents, droppedLinks, flags });
    const isEntry = kind === KIND.server || kind === KIND.consumer || batch.parentId.isZero(row);
    if (isEntry) batch.flags[row]! |= SPAN_FLAGS.entry;
    sink.endSpan();
    sink.stampRows(row, row + 1, this.#around.envelope);
    // A hash of the id: good enough to count by.
    this.#traces.add(batch.traceLow.asNumber(row) + batch.traceHigh.low(row));
    sink.outcome.spans++;
    const priority = String(batch.priority[row]);
    sink.outcome.priorities[priority] = (sink.outcome.priorities[priority] ?? 0) + 1;
  }

  #idHigh = 0;
  #idLow = 0;

  #readStatus(end: number, message: { start: number; end: number }): number {
    const reader = this.#reader;
    let code = UNSET;
    while (reader.next(end)) {
      if (reader.field === 2) {
        reader.readBytes(end);
        message.start = reader.start;
        message.end = reader.end;
      } else if (reader.field === 3) code = reader.readVarint(end);
      else reader.skip(end);
    }
    return code;
  }

  #reject(problem: string, mark: { length: number }): void {
    const { outcome, batch } = this.#sink;
    batch.rollback(mark);
    this.#sink.links = [];
    this.#sink.events = [];
    outcome.rejectedSpans++;
    if (outcome.rejectedMessage === '')
      outcome.rejectedMessage = `a span was refused: its ${problem}`;
  }

  #readTraceId(end: number, row: number): boolean {
    const words = idWords(this.#reader, end);
    if (words === undefined || words.every((word) => word === 0)) return false;
    const { traceHigh, traceLow } = this.#sink.batch;
    traceHigh.set(row, words[0], words[1]);
    traceLow.set(row, words[2], words[3]);
    return true;
  }

  /** Reads an 8-byte id into `#idHigh` and `#idLow`; false when it is zero or of another length. */
  #readSpanId(end: number): boolean {
    const reader = this.#reader;
    reader.readBytes(end);
    this.#idHigh = 0;
    this.#idLow = 0;
    if (reader.end - reader.start !== 8) return false;
    const { bytes, start } = reader;
    this.#idHigh = wordAt(bytes, start);
    this.#idLow = wordAt(bytes, start + 4);
    return this.#idHigh !== 0 || this.#idLow !== 0;
  }

  /** end − start, 0 when the end lies before the start. */
  #setDuration(row: number, endHigh: number, endLow: number): void {
    const { start, duration } = this.#sink.batch;
    const borrow = endLow < start.low(row) ? 1 : 0;
    const high = endHigh - start.high(row) - borrow;
    if (high < 0) duration.set(row, 0, 0);
    else duration.set(row, high, (endLow - start.low(row)) >>> 0);
  }

  #setNames(kind: number, name: { start: number; end: number }): void {
    const sink = this.#sink;
    const a = this.#attributes;
    const bytes = this.#reader.bytes;
    const { row } = sink;
    const set = (
      slot: number,
      other: number,
      apply: (start: number, end: number) => void,
    ): void => {
      if (a.hasText(slot)) apply(a.start(slot), a.end(slot));
      else if (other > 0 && a.hasText(other)) apply(a.start(other), a.end(other));
    };
    sink.setService(this.#service, 0, this.#service.length);
    set(SLOT['datadog.service'], SLOT['service.name'], (start, end) =>
      sink.setService(bytes, start, end),
    );
    set(SLOT['deployment.environment.name'], SLOT['deployment.environment'], (start, end) =>
      sink.setEnv(bytes, start, end),
    );
    set(SLOT['datadog.env'], 0, (start, end) => sink.setEnv(bytes, start, end));
    set(SLOT['datadog.version'], SLOT['service.version'], (start, end) =>
      sink.setVersion(bytes, start, end),
    );
    const isInvocation =
      this.#isLambda &&
      (kind === KIND.server || kind === KIND.consumer) &&
      a.hasText(SLOT['faas.name']);
    this.#names.setOperation(kind, isInvocation);
    this.#names.setType(kind, isInvocation);
    const isOwnName = this.#names.setResource(kind, name);
    const { resource } = sink.batch;
    if (
      !isOwnName &&
      name.end > name.start &&
      !resource.table.equals(resource.data[row]!, bytes, name.start, name.end) &&
      !sink.hasText(this.#keys['otel.span.name'])
    ) {
      sink.text(this.#keys['otel.span.name'], bytes, name.start, name.end);
    }
    a.copy();
    const explicitKind = a.string(SLOT['datadog.span.kind']);
    if (explicitKind !== '') sink.textOf(this.#keys['span.kind'], explicitKind);
    else if (kind > 0 && !sink.hasText(this.#keys['span.kind'])) {
      sink.text(this.#keys['span.kind'], KIND_TEXTS[kind]!, 0, KIND_TEXTS[kind]!.length);
    }
    const arn = a.string(SLOT['cloud.resource_id']);
    if (/^arn:[^:]*:lambda:/.test(arn) && !sink.has(this.#keys['function_arn'])) {
      sink.textOf(this.#keys['function_arn'], arn);
    }
    this.#setHttpStatus(row);
  }

  /** The status is a number to some and text to others: both find it. */
  #setHttpStatus(row: number): void {
    const sink = this.#sink;
    const a = this.#attributes;
    const key = this.#keys['http.status_code'];
    let status = a.number(SLOT['http.response.status_code']);
    if (Number.isNaN(status)) status = a.number(SLOT['http.status_code']);
    if (!Number.isInteger(status) || status < 100 || status > 599) return;
    sink.batch.httpStatus[row] = status;
    // Text under Datadog's name is a Datadog tracer's way, and complete as it is.
    if (sink.hasText(key)) return;
    const text = HTTP_STATUS_TEXTS[status]!;
    sink.text(key, text, 0, text.length);
    if (!sink.hasNumber(key)) sink.metric(key, status);
  }

  #setStatus(status: number, start: number, end: number): void {
    const sink = this.#sink;
    const { batch, row } = sink;
    const keys = this.#keys;
    const bytes = this.#reader.bytes;
    const explicit = this.#attributes.number(SLOT['datadog.error']);
    const isError = Number.isNaN(explicit) ? status === ERROR : explicit !== 0;
    batch.error[row] = isError ? 1 : 0;
    // Where `datadog.error` states the error, the status only repeats it: our own encoder writes both.
    if (Number.isNaN(explicit)) {
      const text = STATUS_NAMES[status] ?? '';
      if (text !== '' && !sink.has(keys['otel.status_code']))
        sink.textOf(keys['otel.status_code'], text);
      if (end > start && !sink.has(keys['otel.status_description'])) {
        sink.text(keys['otel.status_description'], bytes, start, end);
      }
    }
    const exception = sink.events.findLast((event) => event.name === 'exception');
    if (exception !== undefined && !sink.has(keys['_dd.span_events.has_exception'])) {
      sink.textOf(keys['_dd.span_events.has_exception'], 'true');
    }
    // An exception that was handled is an event, not an error of the span.
    if (!isError || !Number.isNaN(explicit)) return;
    const facts = exception?.attributes ?? {};
    this.#setText('error.type', facts['exception.type']);
    this.#setText('error.stack', facts['exception.stacktrace']);
    this.#setText('error.message', facts['exception.message']);
    if (sink.has(keys['error.message'])) return;
    if (end > start) sink.text(keys['error.message'], bytes, start, end);
    else this.#setText('error.message', STATUS_TEXTS.get(batch.httpStatus[row]!));
  }

  #setText(
    name: 'error.type' | 'error.stack' | 'error.message',
    value: AttributeValue | undefined,
  ): void {
    const key = this.#keys[name];
    if (typeof value === 'string' && value !== '' && !this.#sink.has(key))
      this.#sink.textOf(key, value);
  }

  #setRest(
    traceState: string,
    numbers: {
      droppedAttributes: number;
      droppedEvents: number;
      droppedLinks: number;
      flags: number;
    },
  ): void {
    const sink = this.#sink;
    const { batch, row } = sink;
    const keys = this.#keys;
    const a = this.#attributes;
    let priority = a.number(SLOT['datadog.sampling.priority']);
    if (Number.isNaN(priority)) priority = a.number(SLOT['sampling.priority']);
    if (traceState !== '') {
      if (!sink.has(keys['w3c.tracestate'])) sink.textOf(keys['w3c.tracestate'], traceState);
      const state = parseDatadogState(traceState);
      if (Number.isNaN(priority)) priority = state?.priority ?? Number.NaN;
      if (state !== undefined && state.origin !== '' && !sink.has(keys['_dd.origin'])) {
        sink.textOf(keys['_dd.origin'], state.origin);
      }
      if (state !== undefined && state.decisionMaker !== '' && !sink.has(keys['_dd.p.dm'])) {
        sink.textOf(keys['_dd.p.dm'], state.decisionMaker);
      }
    }
    if (Number.isInteger(priority) && priority > NO_PRIORITY && priority < 128)
      batch.priority[row] = priority;
    // A span that got here was sampled.
    if (batch.priority[row] === NO_PRIORITY) batch.priority[row] = 1;
    if (a.number(SLOT['analytics.event']) === 1 || a.string(SLOT['analytics.event']) === 'true') {
      if (!sink.hasNumber(keys['_dd1.sr.eausr'])) sink.metric(keys['_dd1.sr.eausr'], 1);
    }
    this.#setNumber('otel.dropped_attributes_count', numbers.droppedAttributes);
    this.#setNumber('otel.dropped_events_count', numbers.droppedEvents);
    this.#setNumber('otel.dropped_links_count', numbers.droppedLinks);
    this.#setNumber('otel.span_flags', numbers.flags);
  }

  #setNumber(name: KnownKey, value: number): void {
    if (value !== 0 && !this.#sink.has(this.#keys[name]))
      this.#sink.metric(this.#keys[name], value);
  }

  #readEvent(end: number): void {
    const reader = this.#reader;
    let time = 0n;
    let name = '';
    const attributes = Object.create(null) as Record<string, AttributeValue>;
    while (reader.next(end)) {
      if (reader.field === 1) {
        reader.readInt64(end);
        time = toBigint(reader.high, reader.low);
      } else if (reader.field === 2) name = reader.readString(end);
      else if (reader.field === 3) readValueInto(reader, reader.enter(end), attributes);
      else if (reader.field === 4) noteDropped(attributes, reader.readVarint(end));
      else reader.skip(end);
    }
    this.#sink.events.push({ name, time: time as EpochNanos, attributes });
  }

  #readLink(end: number): void {
    const reader = this.#reader;
    let [hi, lo, spanId] = [0n, 0n, 0n];
    const attributes = Object.create(null) as Record<string, AttributeValue>;
    let traceState = '';
    let flags: number | undefined;
    while (reader.next(end)) {
      switch (reader.field) {
        case 1: {
          const words = idWords(reader, end) ?? [0, 0, 0, 0];
          hi = toBigint(words[0], words[1]);
          lo = toBigint(words[2], words[3]);
          break;
        }
        case 2:
          this.#readSpanId(end);
          spanId = toBigint(this.#idHigh, this.#idLow);
          break;
        case 3:
          traceState = reader.readString(end);
          break;
        case 4:
          readValueInto(reader, reader.enter(end), attributes);
          break;
        case 5:
          noteDropped(attributes, reader.readVarint(end));
          break;
        case 6:
          flags = reader.readFixed32(end) || undefined;
          break;
        default:
          reader.skip(end);
      }
    }
    addLink(this.#sink, { traceId: { hi, lo }, spanId, attributes, traceState, flags });
  }
}

const KNOWN_KEYS = [
  'otel.span.name',
  'span.kind',
  'function_arn',
  'http.status_code',
  'otel.status_code',
  'otel.status_description',
  '_dd.span_events.has_exception',
  'error.type',
  'error.stack',
  'error.message',
  'w3c.tracestate',
  '_dd.origin',
  '_dd.p.dm',
  '_dd1.sr.eausr',
  'otel.dropped_attributes_count',
  'otel.dropped_events_count',
  'otel.dropped_links_count',
  'otel.span_flags',
] as const;

type KnownKey = (typeof KNOWN_KEYS)[number];

/** Some senders write the count of 0 and some leave it out: both say nothing. */
function noteDropped(attributes: Record<string, AttributeValue>, count: number): void {
  if (count > 0) attributes['otel.dropped_attributes_count'] = count;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
