import { formatXRayTraceId } from '@spanloom/base';
import { KINDS, SPAN_FLAGS } from '@spanloom/model';
import { addLink } from '../agent/span-map.ts';
import type { SpanChunk } from '../sink/span-chunk.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { writeAnnotations } from './annotations.ts';
import { writeAws } from './aws-tags.ts';
import { writeHttp } from './http-tags.ts';
import { isDetached, LambdaInvocations } from './lambda-invocations.ts';
import { type Segment, withDescendants } from './segment-document.ts';
import { writeErrors } from './segment-errors.ts';
import { parseSegmentId, parseXRayTraceId } from './segment-ids.ts';
import { isLambdaPhase, isStartPhase, namesOf, type SpanNames } from './segment-names.ts';
import type { SegmentSet } from './segment-set.ts';
import { SegmentTags } from './segment-tags.ts';
import { Deployments } from './service-name.ts';
import { sqlFacts, writeSql } from './sql-tags.ts';
import { TextBytes } from './text-bytes.ts';
import type { TraceState } from './trace-state.ts';
import {
  isXRayObject,
  objectAt,
  objectsAt,
  NumberText,
  textAt,
  type XRayValue,
} from './xray-json.ts';

/** An unfinished segment that started longer ago than this is not waited for any more. */
const STALLED_AFTER_NS = 15n * 60n * 1_000_000_000n;

/** Fields that become columns or attributes of other names; every other field is kept under `xray.<field>`. */
const TRANSLATED: ReadonlySet<string> = new Set(
  (
    'id parent_id trace_id name type start_time end_time in_progress inferred origin user service ' +
    'http aws sql cause links annotations metadata error fault throttle'
  ).split(' '),
);

/** Those of them that are read as objects. Where one is something else, it is kept like any other field. */
const OBJECTS: ReadonlySet<string> = new Set(
  'http aws sql annotations metadata service'.split(' '),
);

/** Where a fetched trace came from, and what its fetcher knows about it. */
export interface CrawledFrom {
  readonly account: string;
  readonly region: string;
  /** For segments that state no environment. */
  readonly env: string;
  readonly state: TraceState;
}

/** Subsegments of this name tell where an invocation came from; Lambda libraries send them beside the work. */
const NOTE_NAME = 'datadog-metadata';

/** Turns segments into spans of a batch. */
export class SegmentSpans {
  readonly #sink: SpanSink;
  readonly #chunk: SpanChunk;
  readonly #set: SegmentSet;
  readonly #tags: SegmentTags;
  readonly #bytes = new TextBytes();
  readonly #invocations: LambdaInvocations;
  readonly #deployments: Deployments;
  readonly #nowNs: bigint;
  readonly #crawled: CrawledFrom | undefined;
  /** The span that is told that the trace was cut. */
  readonly #cutAt: Segment | undefined;

  constructor(sink: SpanSink, chunk: SpanChunk, set: SegmentSet, crawled?: CrawledFrom) {
    this.#crawled = crawled;
    this.#cutAt = crawled?.state === 'limit' ? set.top : undefined;
    this.#sink = sink;
    this.#chunk = chunk;
    this.#set = set;
    this.#tags = new SegmentTags(sink);
    this.#invocations = new LambdaInvocations(set, crawled);
    this.#deployments = new Deployments(set, this.#invocations);
    this.#nowNs = BigInt(Math.trunc(sink.options.receivedMs)) * 1_000_000n;
  }

  /** Adds a document: one span for itself and one for each subsegment in it. */
  write(document: Segment, envelope: number): void {
    const before = this.#sink.batch.length;
    this.#chunk.begin();
    const { hi, lo } = document.traceId;
    this.#chunk.setTraceId(highOf(hi), lowOf(hi), highOf(lo), lowOf(lo));
    for (const segment of withDescendants(document)) {
      if (this.#set.isCurrent(segment)) this.#writeSpan(segment);
    }
    // What got here was sampled. Of an earlier version nothing may be left.
    if (this.#sink.batch.length > before) this.#chunk.end({ priority: 1, envelope });
  }

  #writeSpan(segment: Segment): void {
    const sink = this.#sink;
    const { batch } = sink;
    const { fields } = segment;
    const owner = this.#set.ownerOf(segment);
    const sqlFields = objectAt(fields, 'sql');
    const sql = isXRayObject(fields['sql']) ? sqlFacts(sqlFields, segment.name) : undefined;
    const names = namesOf(segment, owner, sql);
    sink.beginSpan();
    const { row } = sink;
    this.#chunk.applyTraceId();
    const id = this.#set.idOf(segment);
    batch.spanId.setBigint(row, id.value);
    batch.parentId.setBigint(row, this.#set.parentIdOf(segment));
    this.#setNames(segment, names);
    this.#writeProvenance(segment, id.synthetic);
    this.#writeTimes(segment, owner);
    writeHttp(fields, this.#tags);
    const isError = writeErrors(segment, this.#tags, {
      isClient: names.kind === 'client' || names.kind === 'producer',
      isInvoker: /^AWS::(?:Lambda|StepFunctions::StateMachine)$/.test(segment.origin),
      set: this.#set,
    });
    batch.error[row] = isError ? 1 : 0;
    if (sql !== undefined) writeSql(sqlFields, sql, this.#tags);
    writeAws(segment, owner, this.#invocations, this.#tags);
    this.#writeRest(segment);
    this.#writeLinks(segment);
    writeAnnotations(segment, this.#tags);
    if (this.#isEntry(segment)) batch.flags[row]! |= SPAN_FLAGS.entry;
    if (segment.name === NOTE_NAME) batch.flags[row]! |= SPAN_FLAGS.note;
    this.#chunk.endSpan([]);
  }

  /**
   * Whether requests to a service are counted here. Not at an inferred segment: it goes when the real one comes, and both would
   * count. Not below a segment of the same service: Lambda has two for each invocation.
   */
  #isEntry(segment: Segment): boolean {
    if (segment.kind !== 'segment') return false;
    const above = this.#set.parentOf(segment);
    const { service } = this.#deployments.of(segment);
    return above === undefined || this.#deployments.of(above).service !== service;
  }

  #setNames(segment: Segment, { name, resource, type, kind }: SpanNames): void {
    const sink = this.#sink;
    const { service, env } = this.#deployments.of(segment);
    const bytes = this.#bytes;
    bytes.set(service);
    if (service !== '') sink.setService(bytes.bytes, 0, bytes.length);
    bytes.set(name);
    if (name !== '') sink.setName(bytes.bytes, 0, bytes.length);
    bytes.set(resource);
    if (resource !== '') sink.setResource(bytes.bytes, 0, bytes.length);
    bytes.set(type);
    sink.setType(bytes.bytes, 0, bytes.length);
    this.#tags.text('env', env || (this.#crawled?.env ?? ''));
    sink.batch.kind[sink.row] = KINDS.indexOf(kind);
    this.#tags.text('span.kind', kind);
    if (kind === 'client' || kind === 'producer') this.#writePeer(segment);
  }

  #writePeer(segment: Segment): void {
    const callee = this.#set.inferredCalleeOf(segment);
    this.#tags.text('peer.service', this.#deployments.hostOrName(callee ?? segment));
    this.#tags.text('xray.peer.type', callee?.origin ?? '');
  }

  #writeProvenance(segment: Segment, isSynthetic: boolean): void {
    const tags = this.#tags;
    tags.text('xray.trace_id', segment.traceText);
    tags.text('xray.segment_id', segment.idText);
    tags.text('xray.name', segment.name);
    tags.text('xray.origin', segment.origin);
    tags.text('xray.document', segment.kind);
    if (isSynthetic) tags.flag('xray.id_synthetic', true);
    if (this.#crawled === undefined) return;
    tags.text('xray.account', this.#crawled.account);
    tags.text('xray.region', this.#crawled.region);
    if (segment === this.#cutAt) tags.flag('xray.limit_exceeded', true);
  }

  #writeTimes(segment: Segment, owner: Segment): void {
    const { batch, row } = this.#sink;
    const tags = this.#tags;
    const { start, end } = segment;
    if (segment.inProgress) {
      batch.flags[row]! |= SPAN_FLAGS.partial;
      tags.flag('xray.in_progress', true);
    }
    if (start === undefined) return;
    batch.start.setBigint(row, start);
    const until = end ?? this.#endSoFar(segment, start);
    if (until < start) tags.text('xray.clock', 'negative');
    else batch.duration.setBigint(row, until - start);
    if (segment !== owner && isStartPhase(segment) && isLambdaPhase(segment, owner)) {
      if (isDetached(segment, owner)) tags.flag('xray.init.detached', true);
    }
  }

  /** Until when an unfinished segment has been seen at work. */
  #endSoFar(segment: Segment, start: bigint): bigint {
    let latest: bigint = start;
    for (const each of this.#set.subsegmentsWithin(segment)) {
      if (each.end !== undefined && each.end > latest) latest = each.end;
    }
    if (this.#isGivenUp(start)) {
      this.#tags.flag('xray.incomplete', true);
      return latest;
    }
    return latest > this.#nowNs ? latest : this.#nowNs < start ? start : this.#nowNs;
  }

  /** Whether an unfinished segment is not waited for. Who fetched the trace knows; otherwise its age decides. */
  #isGivenUp(start: bigint): boolean {
    const state = this.#crawled?.state;
    if (state === 'growing') return false;
    return state === 'stalled' || state === 'limit' || this.#nowNs - start > STALLED_AFTER_NS;
  }

  #writeRest({ fields }: Segment): void {
    const tags = this.#tags;
    const service = objectAt(fields, 'service');
    const version = textAt(service, 'version');
    // The Node SDK's word for none.
    if (version !== 'unknown') tags.text('version', version);
    for (const key in service) {
      if (service[key] !== 'unknown') tags.value(`xray.service.${key}`, service[key]);
    }
    tags.value('usr.id', fields['user']);
    for (const key in fields) {
      const isOdd = OBJECTS.has(key) && !isXRayObject(fields[key]);
      if (isOdd || !TRANSLATED.has(key)) tags.value(`xray.${key}`, fields[key]);
    }
  }

  #writeLinks({ fields }: Segment): void {
    for (const link of objectsAt(fields, 'links')) {
      const traceId = parseXRayTraceId(textAt(link, 'trace_id'));
      if (traceId === undefined) {
        this.#sink.count('SpanLinksInvalid');
        continue;
      }
      const id = textAt(link, 'id');
      // Hashed with the trace as its own documents name it.
      const traceText = formatXRayTraceId(traceId) ?? textAt(link, 'trace_id');
      const spanId = id === '' ? 0n : parseSegmentId(traceText, id).value;
      const attributes = Object.create(null) as Record<string, string | number | boolean>;
      for (const [key, value] of Object.entries(objectAt(link, 'attributes'))) {
        const plain = plainValue(value);
        if (plain !== undefined) attributes[key] = plain;
      }
      attributes['xray.link'] = true;
      addLink(this.#sink, { traceId, spanId, attributes, traceState: '', flags: undefined });
    }
  }
}

function plainValue(value: XRayValue): string | number | boolean | undefined {
  if (value instanceof NumberText)
    return Number.isSafeInteger(value.value) || !/^-?\d+$/.test(value.text)
      ? value.value
      : value.text;
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}

function highOf(value: bigint): number {
  return Number(value >> 32n);
}

function lowOf(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}
