import { LocalXRayError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { fractionOf, isTraceId, mintedAt } from '../trace-id.ts';
import { spanEvents, type SpanEvent } from '../logs/span-events.ts';
import { checkDocument, type AcceptedDocument, type RefusedDocument } from './check-document.ts';
import type { CompiledSegment } from './compile-trace.ts';
import type { TraceFacts } from './trace-facts.ts';
import { RecentFacts } from './recent-facts.ts';
import { TimeIndex } from './time-index.ts';
import { timesOf, TraceRecord, type StoredDocument, type View } from './trace-record.ts';

/** How traces are encrypted at rest. */
export interface EncryptionConfig {
  readonly Type: 'NONE' | 'KMS';
  readonly Status: 'ACTIVE' | 'UPDATING';
  readonly KeyId?: string;
}

/** Where segments go: to X-Ray, or as spans to the log group `aws/spans` (Transaction Search). */
export interface Destination {
  readonly Destination: 'XRay' | 'CloudWatchLogs';
  readonly Status: 'PENDING' | 'ACTIVE';
}

/** A named filter expression. */
export interface Group {
  readonly GroupName: string;
  readonly FilterExpression?: string;
}

/** A sampling rule, with the fields of the API. */
export interface SamplingRule {
  readonly RuleName: string;
  readonly ResourceARN: string;
  readonly Priority: number;
  readonly FixedRate: number;
  readonly ReservoirSize: number;
  readonly ServiceName: string;
  readonly ServiceType: string;
  readonly Host: string;
  readonly HTTPMethod: string;
  readonly URLPath: string;
  readonly Version: number;
}

/** Which time of a trace a listing of type `Event` looks at. */
export type EventTime = 'update' | 'segment';

/** What a region needs to know from the service it belongs to. */
export interface RegionSettings {
  readonly now: () => number;
  readonly eventTime: EventTime;
  readonly traceLimitBytes: number;
}

/** The retention of traces, counted from the last update. */
const retentionMs = 30 * 24 * 3600_000;

const defaultRule: SamplingRule = {
  RuleName: 'Default',
  ResourceARN: '*',
  Priority: 10_000,
  FixedRate: 0.05,
  ReservoirSize: 1,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  Version: 1,
};

/** X-Ray in one account and region: its traces and its settings. */
export class RegionState {
  readonly account: string;
  readonly region: string;
  encryption: EncryptionConfig = { Type: 'NONE', Status: 'ACTIVE' };
  #destination: Destination['Destination'] = 'XRay';
  #destinationActiveAt = -Infinity;
  /** Percent of traces that stay visible to the classic operations when spans go to the log group. */
  indexingPercentage = 1;
  groups: readonly Group[] = [];
  samplingRules: readonly SamplingRule[] = [defaultRule];
  /** Whether `aws/spans` exists: it does from the first switch of the destination on. */
  hasSpansLogGroup = false;
  readonly #settings: RegionSettings;
  readonly #traces = new Map<string, TraceRecord>();
  readonly #byMintTime = new TimeIndex();
  readonly #byEventTime = new TimeIndex();
  readonly #byEndTime = new TimeIndex();
  readonly #bySpanEnd = new TimeIndex();
  readonly #facts: RecentFacts;

  constructor(account: string, region: string, settings: RegionSettings) {
    this.account = account;
    this.region = region;
    this.#settings = settings;
    this.#facts = new RecentFacts(account);
  }

  get now(): number {
    return this.#settings.now();
  }

  /** Where segments go now. */
  get destination(): Destination {
    const isActive = this.now >= this.#destinationActiveAt;
    return { Destination: this.#destination, Status: isActive ? 'ACTIVE' : 'PENDING' };
  }

  /** Sends what arrives from now on elsewhere. The switch is reported as pending for a while. */
  switchDestination(destination: Destination['Destination'], pendingMs: number = 0): void {
    this.#destination = destination;
    this.#destinationActiveAt = this.now + pendingMs;
    this.hasSpansLogGroup ||= destination === 'CloudWatchLogs';
  }

  /** Stores documents as a test has them: any time of minting goes. @throws {LocalXRayError} If one is not valid. */
  put(
    documents: readonly (JsonObject | string)[],
    options: { readonly visibleAt?: number } = {},
  ): void {
    for (const given of documents) {
      const text = typeof given === 'string' ? given : JSON.stringify(given);
      const checked = checkDocument(text, undefined);
      if (!checked.ok) {
        throw new LocalXRayError(
          'BAD_DOCUMENT',
          `Cannot put document ${checked.id ?? 'without an id'} in ${this.account} ${this.region}: ${checked.errorCode}: ${text.slice(0, 200)}`,
        );
      }
      this.accept(checked, options.visibleAt ?? this.now);
    }
  }

  /** Delivers a text as the document `segmentId` of a trace, whatever it is: it need not even be JSON. */
  putVerbatim(
    traceId: string,
    segmentId: string,
    text: string,
    options: { readonly visibleAt?: number } = {},
  ): void {
    if (!isTraceId(traceId)) {
      throw new LocalXRayError(
        'BAD_DOCUMENT',
        `Cannot put a document into '${traceId}': expected a trace id`,
      );
    }
    const at = mintedAt(traceId);
    this.#store(traceId, {
      id: segmentId,
      text,
      visibleAt: options.visibleAt ?? this.now,
      startMs: at,
      endMs: at,
      classic: true,
      inLogs: false,
      verbatim: true,
    });
  }

  /** Stores a document that was checked. Returns a refusal if its trace has become too large. */
  accept(document: AcceptedDocument, visibleAt: number): RefusedDocument | undefined {
    const trace = this.#trace(document.traceId);
    if (trace.bytes + document.text.length > this.#settings.traceLimitBytes) {
      trace.limitExceeded = true;
      return {
        ok: false,
        id: document.id,
        errorCode: 'InvalidSegment',
        message: 'Trace Size Exceeded. Maximum trace size is 500kb',
      };
    }
    this.#store(document.traceId, {
      id: document.id,
      text: document.text,
      visibleAt,
      ...timesOf(document.body),
      classic: this.#destination === 'XRay' || this.#isIndexed(document.traceId),
      inLogs: this.#destination === 'CloudWatchLogs',
      verbatim: false,
    });
    return undefined;
  }

  /** The trace of an id as far as `view` may see it; `undefined` if it may not, or there is none any more. */
  find(traceId: string, view: View): TraceRecord | undefined {
    const trace = this.#traces.get(traceId);
    const last = trace?.visible(this.now, view).at(-1);
    return last !== undefined && last.visibleAt > this.now - retentionMs ? trace : undefined;
  }

  /** Traces with the wanted kind of time in `[fromMs, toMs)`, each with the newest such time; newest first. */
  matching(
    kind: 'TraceId' | 'Event' | 'Service',
    fromMs: number,
    toMs: number,
  ): { readonly trace: TraceRecord; readonly matchedAt: number }[] {
    const index = {
      TraceId: this.#byMintTime,
      Event: this.#byEventTime,
      Service: this.#byEndTime,
    }[kind];
    const found: { trace: TraceRecord; matchedAt: number }[] = [];
    for (const trace of index.near(fromMs, toMs)) {
      if (this.find(trace.id, 'classic') === undefined) continue;
      let matchedAt: number | undefined;
      for (const time of this.#times(trace, kind)) {
        if (time >= fromMs && time < toMs && !(time <= (matchedAt ?? -Infinity))) matchedAt = time;
      }
      if (matchedAt !== undefined) found.push({ trace, matchedAt });
    }
    return found.toSorted(
      (a, b) => b.matchedAt - a.matchedAt || (a.trace.id < b.trace.id ? 1 : -1),
    );
  }

  /** What the log group `aws/spans` holds of a time range, both ends included, oldest first. */
  spanEvents(fromMs: number, toMs: number): SpanEvent[] {
    const now = this.now;
    return [...this.#bySpanEnd.near(fromMs, toMs + 1)]
      .flatMap((trace) => trace.visible(now, 'everything'))
      .flatMap((document) => (document.inLogs ? spanEvents(document, this) : []))
      .filter((event) => event.timestamp >= fromMs && event.timestamp <= toMs)
      .toSorted((a, b) => a.timestamp - b.timestamp || (a.eventId < b.eventId ? -1 : 1));
  }

  /** Every trace, whether visible or not. */
  allTraces(): Iterable<TraceRecord> {
    return this.#traces.values();
  }

  /** What listings and filters look at in a trace. */
  facts(trace: TraceRecord): TraceFacts {
    return this.#facts.of(trace, this.now);
  }

  /** Ids of the traces that the classic operations can see now. */
  traceIds(): string[] {
    return [...this.#traces.keys()].filter((id) => this.find(id, 'classic') !== undefined);
  }

  /** What `BatchGetTraces` would return of a trace now, parsed; empty if nothing. */
  compiled(traceId: string): CompiledSegment[] {
    return this.find(traceId, 'classic')?.compiled(this.now, 'classic') ?? [];
  }

  #times(trace: TraceRecord, kind: 'TraceId' | 'Event' | 'Service'): number[] {
    if (kind === 'TraceId') return [trace.mintedAt];
    const seen = trace.visible(this.now, 'classic');
    if (kind === 'Service') return seen.flatMap((one) => one.endMs ?? []);
    return seen.map((one) => this.#eventTime(one));
  }

  #eventTime(document: StoredDocument): number {
    return this.#settings.eventTime === 'update'
      ? document.visibleAt
      : (document.endMs ?? document.startMs);
  }

  #isIndexed(traceId: string): boolean {
    return fractionOf(`indexed ${traceId}`) * 100 < this.indexingPercentage;
  }

  #trace(traceId: string): TraceRecord {
    let trace = this.#traces.get(traceId);
    if (trace === undefined) {
      trace = new TraceRecord(traceId);
      this.#traces.set(traceId, trace);
      this.#byMintTime.add(trace.mintedAt, trace);
    }
    return trace;
  }

  #store(traceId: string, document: StoredDocument): void {
    const trace = this.#trace(traceId);
    trace.add(document);
    this.#byEventTime.add(this.#eventTime(document), trace);
    if (document.endMs !== undefined) this.#byEndTime.add(document.endMs, trace);
    if (document.inLogs) {
      for (const event of spanEvents(document, this)) this.#bySpanEnd.add(event.timestamp, trace);
    }
  }
}
