import { KINDS, SPAN_FLAGS } from '@spanloom/model';
import { addLink } from '../agent/span-map.ts';
import type { SpanChunk } from '../sink/span-chunk.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { writeAnnotations } from './annotations.ts';
import { isDetached, writeAws } from './aws-tags.ts';
import { writeHttp } from './http-tags.ts';
import { type Segment, withDescendants } from './segment-document.ts';
import { writeErrors } from './segment-errors.ts';
import { parseSegmentId, parseXRayTraceId } from './segment-ids.ts';
import { isLambdaPhase, isStartPhase, namesOf, type SpanNames } from './segment-names.ts';
import type { SegmentSet } from './segment-set.ts';
import { SegmentTags } from './segment-tags.ts';
import { Deployments } from './service-name.ts';
import { sqlFacts, writeSql } from './sql-tags.ts';
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

/** Turns segments into spans of a batch. */
export class SegmentSpans {
  readonly #sink: SpanSink;
  readonly #chunk: SpanChunk;
  readonly #set: SegmentSet;
  readonly #tags: SegmentTags;
  readonly #deployments: Deployments;
  readonly #nowNs: bigint;

  constructor(sink: SpanSink, chunk: SpanChunk, set: SegmentSet) {
    this.#sink = sink;
    this.#chunk = chunk;
    this.#set = set;
    this.#tags = new SegmentTags(sink);
    this.#deployments = new Deployments(set);
    this.#nowNs = BigInt(Math.trunc(sink.options.receivedMs)) * 1_000_000n;
  }

  /** Adds a document: one span for itself and one for each subsegment in it. */
  write(document: Segment, envelope: number): void {
    this.#chunk.begin();
    const { hi, lo } = document.traceId;
    this.#chunk.setTraceId(highOf(hi), lowOf(hi), highOf(lo), lowOf(lo));
    for (const segment of withDescendants(document)) this.#writeSpan(segment);
    // What got here was sampled.
    this.#chunk.end({ priority: 1, envelope });
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
    batch.spanId.setBigint(row, segment.id.value);
    batch.parentId.setBigint(row, segment.parentId ?? 0n);
    this.#setNames(segment, names);
    this.#writeProvenance(segment);
    this.#writeTimes(segment, owner);
    writeHttp(fields, this.#tags);
    const isError = writeErrors(segment, this.#tags, {
      isClient: names.kind === 'client' || names.kind === 'producer',
      isInvoker: /^AWS::(?:Lambda|StepFunctions::StateMachine)$/.test(segment.origin),
      set: this.#set,
    });
    batch.error[row] = isError ? 1 : 0;
    if (sql !== undefined) writeSql(sqlFields, sql, this.#tags);
    writeAws(segment, owner, this.#set, this.#tags);
    this.#writeRest(segment);
    this.#writeLinks(segment);
    writeAnnotations(segment, this.#tags);
    if (this.#isEntry(segment)) batch.flags[row]! |= SPAN_FLAGS.entry;
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
    withBytes(service, (bytes) => sink.setService(bytes, 0, bytes.length));
    withBytes(name, (bytes) => sink.setName(bytes, 0, bytes.length));
    withBytes(resource, (bytes) => sink.setResource(bytes, 0, bytes.length));
    withBytes(type, (bytes) => sink.setType(bytes, 0, bytes.length));
    this.#tags.text('env', env);
    sink.batch.kind[sink.row] = KINDS.indexOf(kind);
    this.#tags.text('span.kind', kind);
    if (kind === 'client' || kind === 'producer') this.#writePeer(segment);
  }

  #writePeer(segment: Segment): void {
    const callee = this.#set.inferredCalleeOf(segment);
    this.#tags.text('peer.service', callee?.name ?? segment.name);
    this.#tags.text('xray.peer.type', callee?.origin ?? '');
  }

  #writeProvenance(segment: Segment): void {
    const tags = this.#tags;
    tags.text('xray.trace_id', segment.traceText);
    tags.text('xray.segment_id', segment.idText);
    tags.text('xray.name', segment.name);
    tags.text('xray.origin', segment.origin);
    tags.text('xray.document', segment.kind);
    if (segment.id.synthetic) tags.flag('xray.id_synthetic', true);
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
    for (const each of withDescendants(segment)) {
      if (each.end !== undefined && each.end > latest) latest = each.end;
    }
    if (this.#nowNs - start > STALLED_AFTER_NS) {
      this.#tags.flag('xray.incomplete', true);
      return latest;
    }
    return latest > this.#nowNs ? latest : this.#nowNs < start ? start : this.#nowNs;
  }

  #writeRest({ fields }: Segment): void {
    const tags = this.#tags;
    const service = objectAt(fields, 'service');
    const version = textAt(service, 'version');
    // The Node SDK's word for none.
    if (version !== 'unknown') tags.text('version', version);
    for (const [key, value] of Object.entries(service)) {
      if (value !== 'unknown') tags.value(`xray.service.${key}`, value);
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
      const spanId = id === '' ? 0n : parseSegmentId(textAt(link, 'trace_id'), id).value;
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

function withBytes(text: string, apply: (bytes: Uint8Array) => void): void {
  if (text !== '') apply(Buffer.from(text, 'utf8'));
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
