import {
  type DecodeOutcome,
  encodeEvents,
  encodeLinks,
  KINDS,
  NO_PRIORITY,
  SOURCES,
  SPAN_FLAGS,
  type Source,
  type SpanBatch,
  type SpanEvent,
  type SpanLink,
} from '@spanloom/model';
import { LIMITS, UNNAMED_OPERATION, unnamedService } from '../normalise/span-text.ts';
import { truncatedEnd } from '../normalise/truncate-utf8.ts';
import type { NormalisedTexts } from '../normalise/normalised-texts.ts';
import {
  highWord,
  isSafe,
  lowWord,
  signedNumber,
  signedText,
  unsignedText,
} from '../wire/int64.ts';
import type { AttributeTarget } from './attribute-target.ts';
import { BatchTexts } from './batch-texts.ts';
import { ACTION } from './key-actions.ts';
import type { KeyTable } from './key-table.ts';
import { parseEventsJson, parseLinksJson } from './lifted-json.ts';
import { parseHexId, parseTraceHigh } from './parse-ids.ts';

/** 2000-01-01 in ns: nothing was traced before. */
const YEAR_2000 = 946_684_800_000_000_000n;
const YEAR_2000_HIGH = Number(YEAR_2000 >> 32n);
const YEAR_2000_LOW = Number(YEAR_2000 & 0xffff_ffffn);

const ELLIPSIS = Buffer.from('...');

/** Settings of one payload. */
export interface SinkOptions {
  readonly source: Source;
  readonly receivedMs: number;
  /** Which whole numbers are usual in this source, and so need no entry in `typed`. */
  readonly wholeNumbers: 'int' | 'double';
}

/**
 * Builds the spans of one payload in a batch: interns texts, keeps attributes, copies the ones that have a column of their own,
 * and brings each span within the rules when it ends. Decoders read bytes and call this; what a field or key means is decided
 * here, once for all formats.
 *
 * `SpanChunk` does what concerns several spans at once.
 */
export class SpanSink implements AttributeTarget {
  readonly batch: SpanBatch;
  readonly outcome: DecodeOutcome;
  readonly texts: BatchTexts;
  readonly keys: KeyTable;
  readonly options: SinkOptions;
  /** The open row. */
  row = -1;
  /** Links and events in the sender's native form. */
  links: SpanLink[] = [];
  events: SpanEvent[] = [];
  /** What the open span says, once settled, about the upper half of its trace id; `hasTraceHigh` false when nothing. */
  hasTraceHigh = false;
  traceHighHigh = 0;
  traceHighLow = 0;
  #stamp = 0;
  #typed = '';
  #liftedLinks: SpanLink[] | undefined;
  #liftedEvents: SpanEvent[] | undefined;
  #hasTid = false;
  #hasOtelId = false;
  #otelHighHigh = 0;
  #otelHighLow = 0;
  #otelLowHigh = 0;
  #otelLowLow = 0;
  #service: NormalisedTexts;
  #unnamedService: number;
  readonly #unnamedOperation: number;
  readonly #replacedBefore: number;
  readonly #keysCutBefore: number;
  readonly count: (reason: string) => void;

  constructor(batch: SpanBatch, outcome: DecodeOutcome, options: SinkOptions) {
    this.batch = batch;
    this.outcome = outcome;
    this.options = options;
    this.texts = BatchTexts.of(batch);
    this.keys = this.texts.keys;
    this.#replacedBefore = this.texts.replaced;
    this.#keysCutBefore = this.keys.cut;
    this.count = (reason) => {
      outcome.malformedSpans[reason] = (outcome.malformedSpans[reason] ?? 0) + 1;
    };
    this.#unnamedOperation = batch.name.table.internText(UNNAMED_OPERATION);
    this.#service = this.texts.service(unnamedService(''));
    this.#unnamedService = 0;
    this.setLanguage('');
  }

  /** The sender's language, which names services that have no name. OTLP spans may go without. */
  setLanguage(language: string): void {
    const fallback = this.options.source === 'otlp' ? '' : unnamedService(language);
    this.#service = this.texts.service(fallback);
    this.#unnamedService = this.batch.service.table.internText(fallback);
    if (language !== '') this.outcome.language = language;
  }

  /** Ends the payload: counts what only shows at the end. */
  finish(): void {
    const replaced = this.texts.replaced - this.#replacedBefore;
    if (replaced > 0) this.outcome.malformedSpans['InvalidUTF8'] = replaced;
    const cut = this.keys.cut - this.#keysCutBefore;
    if (cut > 0) this.outcome.malformedSpans['MetaKeyTruncate'] = cut;
  }

  beginSpan(): void {
    this.row = this.batch.appendRow();
    this.#stamp = ++this.texts.stamp;
    this.hasTraceHigh = false;
    this.#hasTid = false;
    this.#hasOtelId = false;
    this.#typed = '';
  }

  setService(bytes: Uint8Array, start: number, end: number): void {
    this.batch.service.data[this.row] = this.#service.intern(bytes, start, end, this.count);
  }

  setName(bytes: Uint8Array, start: number, end: number): void {
    this.batch.name.data[this.row] = this.texts.name.intern(bytes, start, end, this.count);
  }

  setResource(bytes: Uint8Array, start: number, end: number): void {
    this.batch.resource.data[this.row] = this.texts.resource.intern(bytes, start, end, this.count);
  }

  setType(bytes: Uint8Array, start: number, end: number): void {
    this.batch.type.data[this.row] = this.texts.type.intern(bytes, start, end, this.count);
  }

  setEnv(bytes: Uint8Array, start: number, end: number): void {
    this.batch.env.data[this.row] = this.texts.env.intern(bytes, start, end, this.count);
  }

  setVersion(bytes: Uint8Array, start: number, end: number): void {
    this.batch.version.data[this.row] = this.batch.version.table.intern(bytes, start, end);
  }

  /** Whether the open span states the key, in any of its three maps. */
  readonly has = (key: number): boolean =>
    this.keys.metaSeen[key] === this.#stamp ||
    this.keys.metricSeen[key] === this.#stamp ||
    this.keys.binarySeen[key] === this.#stamp;

  hasText(key: number): boolean {
    return this.keys.metaSeen[key] === this.#stamp;
  }

  hasNumber(key: number): boolean {
    return this.keys.metricSeen[key] === this.#stamp;
  }

  text(key: number, bytes: Uint8Array, start: number, end: number): void {
    const action = this.keys.action[key]!;
    if (action !== ACTION.none && !this.#liftText(action, key, bytes, start, end)) {
      this.keys.metaSeen[key] = this.#stamp;
      return;
    }
    if (end - start > LIMITS.metaValue) this.#longText(key, bytes, start, end);
    else this.#keepText(key, bytes, start, end);
  }

  /** Text of our own making, kept without being read. */
  keep(key: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.#keepText(key, bytes, 0, bytes.length);
  }

  /** Text of our own making. */
  textOf(key: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.text(key, bytes, 0, bytes.length);
  }

  /** A number whose wire type says nothing, as Datadog's metrics. */
  metric(key: number, value: number): void {
    if (!Number.isFinite(value)) {
      this.count('MetricInvalid');
      return;
    }
    const action = this.keys.action[key]!;
    if (action !== ACTION.none) this.#liftNumber(action, value);
    const { metrics } = this.batch;
    if (this.keys.metricSeen[key] === this.#stamp) {
      metrics.values[metrics.entryOf(this.row, this.keys.metric(key))] = value;
      return;
    }
    this.keys.metricSeen[key] = this.#stamp;
    metrics.append(this.keys.metric(key), value);
  }

  double(key: number, value: number): void {
    if (
      this.options.wholeNumbers === 'int' &&
      Number.isSafeInteger(value) &&
      !Object.is(value, -0)
    ) {
      this.#type(key, 'double');
    }
    this.metric(key, value);
  }

  integer(key: number, high: number, low: number): void {
    if (!isSafe(high, low)) this.#type(key, `int:${signedText(high, low)}`);
    else if (this.options.wholeNumbers === 'double') this.#type(key, 'int');
    this.metric(key, signedNumber(high, low));
  }

  /** A number that came as an integer where numbers are of no particular type: only what a double would round is noted. */
  wholeMetric(key: number, high: number, low: number, value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#type(key, `int:${value < 0 ? signedText(high, low) : unsignedText(high, low)}`);
    }
    this.metric(key, value);
  }

  boolean(key: number, value: boolean): void {
    this.#type(key, 'bool');
    const bytes = value ? TRUE : FALSE;
    this.text(key, bytes, 0, bytes.length);
  }

  json(key: number, text: string): void {
    this.#type(key, 'json');
    const bytes = Buffer.from(text, 'utf8');
    // Cut JSON is no JSON: this is kept whole, the limits on bodies bound it.
    this.#keepText(key, bytes, 0, bytes.length);
  }

  binary(key: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start > LIMITS.binaryValue) {
      this.count('MetaStructTooLarge');
      return;
    }
    const { binary } = this.batch;
    if (this.keys.binarySeen[key] === this.#stamp) {
      binary.replaceBytes(binary.entryOf(this.row, this.keys.binary(key)), bytes, start, end);
      return;
    }
    this.keys.binarySeen[key] = this.#stamp;
    binary.appendBytes(this.keys.binary(key), bytes, start, end);
  }

  /** Closes the open row: brings its fields within the rules. Its attributes and columns are complete. */
  endSpan(): void {
    const { batch, row } = this;
    if (batch.service.data[row] === 0 && this.options.source !== 'otlp') {
      batch.service.data[row] = this.#unnamedService;
      this.count('ServiceEmpty');
    }
    if (batch.name.data[row] === 0) {
      batch.name.data[row] = this.#unnamedOperation;
      this.count('SpanNameEmpty');
    }
    if (batch.resource.data[row] === 0) {
      this.count('ResourceEmpty');
      batch.resource.data[row] = this.#resourceOf(batch.name.data[row]!);
    }
    this.#settleTimes();
    this.#settleParent();
    this.#settleLists();
    if (this.#typed !== '') batch.setText(batch.typed, `{${this.#typed}}`);
    batch.endRow();
  }

  /** Puts the same origin on rows `[from, to)`. */
  stampRows(from: number, to: number, envelope: number): void {
    const { batch } = this;
    const source = SOURCES[this.options.source];
    const high = highWord(this.options.receivedMs);
    const low = lowWord(this.options.receivedMs);
    for (let row = from; row < to; row++) {
      batch.source[row] = source;
      batch.received.set(row, high, low);
      batch.envelope.data[row] = envelope;
    }
  }

  /** Copies to columns; false when the attribute itself is not kept. */
  #liftText(action: number, key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { batch, row } = this;
    switch (action) {
      case ACTION.traceHigh: {
        const high = parseTraceHigh(asciiOf(bytes, start, end));
        if (high === undefined) {
          this.count('TraceIDHighInvalid');
          return true;
        }
        this.#hasTid = true;
        this.traceHighHigh = high.high;
        this.traceHighLow = high.low;
        return false;
      }
      case ACTION.otelTraceId: {
        const text = asciiOf(bytes, start, end);
        const high = parseHexId(text.slice(0, 16));
        const low = parseHexId(text.slice(16));
        if (text.length === 32 && high !== undefined && low !== undefined) {
          this.#hasOtelId = true;
          this.#otelHighHigh = high.high;
          this.#otelHighLow = high.low;
          this.#otelLowHigh = low.high;
          this.#otelLowLow = low.low;
        }
        return true;
      }
      case ACTION.env: {
        const env = this.texts.env.intern(bytes, start, end, this.count);
        batch.env.data[row] = env;
        if (this.texts.env.table.equals(env, bytes, start, end)) return true;
        const normal = this.texts.env.table.bytes(env);
        if (normal.length > 0) this.#keepText(key, normal, 0, normal.length);
        return false;
      }
      case ACTION.peerService: {
        const service = this.texts.peerService.intern(bytes, start, end, this.count);
        if (service > 0 && this.texts.peerService.table.equals(service, bytes, start, end))
          return true;
        const normal = this.texts.peerService.table.bytes(service);
        if (normal.length > 0) this.#keepText(key, normal, 0, normal.length);
        return false;
      }
      case ACTION.version:
        this.setVersion(bytes, start, end);
        return true;
      case ACTION.kind:
        batch.kind[row] = kindOf(bytes, start, end);
        return true;
      case ACTION.httpStatus: {
        const status = statusOf(bytes, start, end);
        if (status === 0) {
          this.count('InvalidHTTPStatusCode');
          return false;
        }
        batch.httpStatus[row] = status;
        return true;
      }
      case ACTION.httpMethod:
        batch.httpMethod.data[row] = batch.httpMethod.table.intern(bytes, start, end);
        return true;
      case ACTION.functionName:
        batch.functionName.data[row] = batch.functionName.table.intern(bytes, start, end);
        return true;
      case ACTION.functionArn:
        this.#liftArn(asciiOf(bytes, start, end));
        return true;
      case ACTION.region:
        batch.region.data[row] = batch.region.table.intern(bytes, start, end);
        return true;
      case ACTION.coldStart:
        batch.coldStart[row] = bytes[start] === 0x74 || bytes[start] === 0x54 ? 1 : 0;
        return true;
      case ACTION.events: {
        const events = parseEventsJson(asciiOf(bytes, start, end));
        if (events === undefined) this.count('EventsInvalid');
        else this.#liftedEvents = events;
        return events === undefined;
      }
      case ACTION.links: {
        const links = parseLinksJson(asciiOf(bytes, start, end));
        if (links === undefined) this.count('SpanLinksInvalid');
        else this.#liftedLinks = links;
        return links === undefined;
      }
      default:
        return true;
    }
  }

  #liftNumber(action: number, value: number): void {
    const { batch, row } = this;
    switch (action) {
      case ACTION.priority:
        if (Number.isInteger(value) && value > NO_PRIORITY && value < 128)
          batch.priority[row] = value;
        break;
      case ACTION.topLevel:
        if (value === 1) batch.flags[row]! |= SPAN_FLAGS.entry;
        break;
      case ACTION.measured:
        if (value === 1) batch.flags[row]! |= SPAN_FLAGS.measured;
        break;
      case ACTION.partial:
        if (value >= 0) batch.flags[row]! |= SPAN_FLAGS.partial;
        break;
      case ACTION.httpStatus:
        if (Number.isInteger(value) && value >= 100 && value <= 599) batch.httpStatus[row] = value;
        break;
      default:
        break;
    }
  }

  /** `arn:aws:lambda:<region>:<account>:function:<name>[:<version or alias>]`. */
  #liftArn(arn: string): void {
    const { batch, row } = this;
    const parts = arn.split(':');
    if (parts[2] !== 'lambda' || parts[5] !== 'function' || parts[6] === undefined) return;
    if (batch.functionName.data[row] === 0) {
      batch.functionName.data[row] = batch.functionName.table.internText(parts[6]);
    }
    if (batch.region.data[row] === 0)
      batch.region.data[row] = batch.region.table.internText(parts[3] ?? '');
  }

  #keepText(key: number, bytes: Uint8Array, start: number, end: number): void {
    const { meta } = this.batch;
    if (this.keys.metaSeen[key] === this.#stamp) {
      // A key stated twice: the last one counts. What was lifted has no entry to replace.
      const entry = meta.entryOf(this.row, this.keys.meta(key));
      if (entry >= 0) return meta.replace(entry, bytes, start, end);
    }
    this.keys.metaSeen[key] = this.#stamp;
    meta.append(this.keys.meta(key), bytes, start, end);
  }

  #longText(key: number, bytes: Uint8Array, start: number, end: number): void {
    // What we or others read as JSON later would be worthless when cut.
    const name = this.keys.text(key);
    if (name.startsWith('_dd.') || name === 'events') {
      this.#keepText(key, bytes, start, end);
      return;
    }
    this.count('MetaValueTruncate');
    const cut = Buffer.concat([
      bytes.subarray(start, truncatedEnd(bytes, start, end, LIMITS.metaValue)),
      ELLIPSIS,
    ]);
    this.#keepText(key, cut, 0, cut.length);
  }

  #type(key: number, type: string): void {
    const entry = `${JSON.stringify(this.keys.text(key))}:"${type}"`;
    this.#typed = this.#typed === '' ? entry : `${this.#typed},${entry}`;
  }

  #resourceOf(name: number): number {
    let resource = this.texts.resourceOfName.get(name);
    if (resource === undefined) {
      resource = this.batch.resource.table.internText(this.batch.name.table.text(name));
      this.texts.resourceOfName.set(name, resource);
    }
    return resource;
  }

  /** Decides which upper half of the trace id the open span states, into `hasTraceHigh` and its words. */
  settleTraceHigh(): void {
    this.hasTraceHigh = this.#hasTid;
    if (!this.#hasOtelId) return;
    const { traceLow } = this.batch;
    // The attribute may be about another trace: it counts when its lower half is this trace.
    if (
      traceLow.high(this.row) !== this.#otelLowHigh ||
      traceLow.low(this.row) !== this.#otelLowLow
    )
      return;
    this.hasTraceHigh = true;
    this.traceHighHigh = this.#otelHighHigh;
    this.traceHighLow = this.#otelHighLow;
  }

  #settleTimes(): void {
    const { start, duration } = this.batch;
    const { row } = this;
    if (duration.high(row) >= 0x8000_0000) {
      duration.set(row, 0, 0);
      this.count('InvalidDuration');
    }
    const high = start.high(row);
    if (high < 0x8000_0000) {
      const carry = start.low(row) + duration.low(row) > 0xffff_ffff ? 1 : 0;
      if (high + duration.high(row) + carry > 0x7fff_ffff) {
        duration.set(row, 0, 0);
        this.count('InvalidDuration');
      }
      if (high > YEAR_2000_HIGH || (high === YEAR_2000_HIGH && start.low(row) >= YEAR_2000_LOW))
        return;
    }
    const now = BigInt(Math.trunc(this.options.receivedMs)) * 1_000_000n;
    const begun = now - duration.asBigint(row);
    start.setBigint(row, begun < 0n ? now : begun);
    this.count('InvalidStartDate');
  }

  #settleParent(): void {
    const { traceLow, spanId, parentId } = this.batch;
    const { row } = this;
    const low = parentId.low(row);
    const high = parentId.high(row);
    if (low !== spanId.low(row) || high !== spanId.high(row)) return;
    if (low === traceLow.low(row) && high === traceLow.high(row)) parentId.set(row, 0, 0);
  }

  #settleLists(): void {
    const { batch } = this;
    const links = this.links.length > 0 ? this.links : this.#liftedLinks;
    if (links !== undefined && links.length > 0) batch.setText(batch.links, encodeLinks(links));
    const events = this.events.length > 0 ? this.events : this.#liftedEvents;
    if (events !== undefined && events.length > 0)
      batch.setText(batch.events, encodeEvents(events));
    if (this.links.length > 0) this.links = [];
    if (this.events.length > 0) this.events = [];
    this.#liftedLinks = undefined;
    this.#liftedEvents = undefined;
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

const KIND_BYTES = KINDS.map((kind) => Buffer.from(kind));

/** The number of a kind in lower case, 0 when it is none. */
function kindOf(bytes: Uint8Array, start: number, end: number): number {
  for (let kind = 1; kind < KIND_BYTES.length; kind++) {
    const name = KIND_BYTES[kind]!;
    if (name.length !== end - start) continue;
    let i = 0;
    while (i < name.length && name[i] === bytes[start + i]) i++;
    if (i === name.length) return kind;
  }
  return 0;
}

/** An HTTP status in text, 0 when it is none. */
function statusOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 3) return 0;
  let status = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return 0;
    status = status * 10 + digit;
  }
  return status >= 100 && status <= 599 ? status : 0;
}
