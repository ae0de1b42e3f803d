import type { EpochNanos } from '@spanloom/base';
import { unsignedText, toBigint } from '../wire/int64.ts';
import { MsgpackReader } from '../wire/msgpack-reader.ts';

/** Statistics over spans with the same dimensions in one bucket of time. */
export interface ClientStatsGroup {
  readonly service: string;
  readonly name: string;
  readonly resource: string;
  readonly type: string;
  readonly dbType: string;
  /** 0 for none. */
  readonly httpStatusCode: number;
  readonly grpcStatusCode: string;
  readonly httpMethod: string;
  readonly httpEndpoint: string;
  readonly synthetics: boolean;
  readonly spanKind: string;
  readonly isTraceRoot: boolean | undefined;
  readonly peerTags: readonly string[];
  readonly serviceSource: string;
  readonly spanDerivedPrimaryTags: readonly string[];
  readonly additionalMetricTags: readonly string[];
  readonly hits: number;
  readonly topLevelHits: number;
  readonly errors: number;
  /** ns, summed over the hits. */
  readonly duration: number;
  /** DDSketch messages of durations in ns: `decodeDDSketch` reads them. Copies. */
  readonly okSummary: Uint8Array;
  readonly errorSummary: Uint8Array;
}

export interface ClientStatsBucket {
  readonly start: EpochNanos;
  /** ns. */
  readonly duration: number;
  /** ns by which an agent moved a late bucket; the start is the shifted one. */
  readonly agentTimeShift: number;
  readonly stats: readonly ClientStatsGroup[];
}

/** What one tracer's process counted. */
export interface ClientStatsPayload {
  readonly hostname: string;
  readonly env: string;
  readonly version: string;
  readonly lang: string;
  readonly tracerVersion: string;
  readonly runtimeId: string;
  readonly service: string;
  readonly containerId: string;
  readonly agentAggregation: string;
  readonly gitCommitSha: string;
  readonly imageTag: string;
  /** With the runtime id, tells a payload sent twice. */
  readonly sequence: number;
  readonly tags: readonly string[];
  readonly processTags: string;
  /** Decimal: 64 bits. '' for none. */
  readonly processTagsHash: string;
  readonly buckets: readonly ClientStatsBucket[];
}

/** What an agent passes on: several processes' statistics. */
export interface AgentStatsPayload {
  readonly agentHostname: string;
  readonly agentEnv: string;
  readonly agentVersion: string;
  readonly clientComputed: boolean;
  readonly splitPayload: boolean;
  readonly stats: readonly ClientStatsPayload[];
}

/**
 * Decodes a tracer's statistics (`POST /v0.6/stats`).
 * @throws {DecodeError} If the body is cut short or a known field has another type.
 * @see docs/formats/client-stats.md
 */
export function decodeClientStats(body: Uint8Array): ClientStatsPayload {
  return readPayload(new MsgpackReader(body));
}

/**
 * Decodes an agent's statistics (`POST /api/v0.2/stats`).
 * @throws {DecodeError} If the body is cut short or a known field has another type.
 */
export function decodeAgentStats(body: Uint8Array): AgentStatsPayload {
  const reader = new MsgpackReader(body);
  const payload = {
    agentHostname: '',
    agentEnv: '',
    agentVersion: '',
    clientComputed: false,
    splitPayload: false,
    stats: [] as ClientStatsPayload[],
  };
  readMap(reader, {
    AgentHostname: () => (payload.agentHostname = reader.readString()),
    AgentEnv: () => (payload.agentEnv = reader.readString()),
    AgentVersion: () => (payload.agentVersion = reader.readString()),
    ClientComputed: () => (payload.clientComputed = reader.readBoolean()),
    SplitPayload: () => (payload.splitPayload = reader.readBoolean()),
    Stats: () => (payload.stats = readList(reader, readPayload)),
  });
  return payload;
}

function readPayload(reader: MsgpackReader): ClientStatsPayload {
  const payload = {
    hostname: '',
    env: '',
    version: '',
    lang: '',
    tracerVersion: '',
    replaces: undefined,
    runtimeId: '',
    service: '',
    containerId: '',
    agentAggregation: '',
    gitCommitSha: '',
    imageTag: '',
    sequence: 0,
    tags: [] as string[],
    processTags: '',
    processTagsHash: '',
    buckets: [] as ClientStatsBucket[],
  };
  readMap(reader, {
    Hostname: () => (payload.hostname = reader.readString()),
    Env: () => (payload.env = reader.readString()),
    Version: () => (payload.version = reader.readString()),
    Lang: () => (payload.lang = reader.readString()),
    TracerVersion: () => (payload.tracerVersion = reader.readString()),
    RuntimeID: () => (payload.runtimeId = reader.readString()),
    Service: () => (payload.service = reader.readString()),
    ContainerID: () => (payload.containerId = reader.readString()),
    AgentAggregation: () => (payload.agentAggregation = reader.readString()),
    GitCommitSha: () => (payload.gitCommitSha = reader.readString()),
    ImageTag: () => (payload.imageTag = reader.readString()),
    Sequence: () => (payload.sequence = reader.readNumber()),
    Tags: () => (payload.tags = readList(reader, readText)),
    ProcessTags: () => (payload.processTags = reader.readString()),
    ProcessTagsHash: () => {
      reader.readInt64();
      payload.processTagsHash = unsignedText(reader.high, reader.low);
    },
    Stats: () => (payload.buckets = readList(reader, readBucket)),
  });
  return payload;
}

function readBucket(reader: MsgpackReader): ClientStatsBucket {
  const bucket = {
    start: 0n as EpochNanos,
    duration: 0,
    agentTimeShift: 0,
    stats: [] as ClientStatsGroup[],
  };
  readMap(reader, {
    Start: () => {
      reader.readInt64();
      bucket.start = toBigint(reader.high, reader.low) as EpochNanos;
    },
    Duration: () => (bucket.duration = reader.readNumber()),
    AgentTimeShift: () => (bucket.agentTimeShift = reader.readNumber()),
    Stats: () => (bucket.stats = readList(reader, readGroup)),
  });
  return bucket;
}

function readGroup(reader: MsgpackReader): ClientStatsGroup {
  const group = {
    service: '',
    name: '',
    resource: '',
    type: '',
    dbType: '',
    httpStatusCode: 0,
    grpcStatusCode: '',
    httpMethod: '',
    httpEndpoint: '',
    synthetics: false,
    spanKind: '',
    isTraceRoot: undefined as boolean | undefined,
    peerTags: [] as string[],
    serviceSource: '',
    spanDerivedPrimaryTags: [] as string[],
    additionalMetricTags: [] as string[],
    hits: 0,
    topLevelHits: 0,
    errors: 0,
    duration: 0,
    okSummary: new Uint8Array(0),
    errorSummary: new Uint8Array(0),
  };
  readMap(reader, {
    Service: () => (group.service = reader.readString()),
    Name: () => (group.name = reader.readString()),
    Resource: () => (group.resource = reader.readString()),
    Type: () => (group.type = reader.readString()),
    DBType: () => (group.dbType = reader.readString()),
    HTTPStatusCode: () => (group.httpStatusCode = reader.readNumber()),
    GRPCStatusCode: () => (group.grpcStatusCode = readText(reader)),
    HTTPMethod: () => (group.httpMethod = reader.readString()),
    HTTPEndpoint: () => (group.httpEndpoint = reader.readString()),
    Synthetics: () => (group.synthetics = reader.readBoolean()),
    SpanKind: () => (group.spanKind = reader.readString()),
    IsTraceRoot: () => (group.isTraceRoot = traceRootOf(reader.readNumber())),
    PeerTags: () => (group.peerTags = readList(reader, readText)),
    srv_src: () => (group.serviceSource = reader.readString()),
    SpanDerivedPrimaryTags: () => (group.spanDerivedPrimaryTags = readList(reader, readText)),
    AdditionalMetricTags: () => (group.additionalMetricTags = readList(reader, readText)),
    Hits: () => (group.hits = reader.readNumber()),
    TopLevelHits: () => (group.topLevelHits = reader.readNumber()),
    Errors: () => (group.errors = reader.readNumber()),
    Duration: () => (group.duration = reader.readNumber()),
    OkSummary: () => (group.okSummary = readBytes(reader)),
    ErrorSummary: () => (group.errorSummary = readBytes(reader)),
  });
  return group;
}

/** 0 is "not stated", 1 true, 2 false. */
function traceRootOf(value: number): boolean | undefined {
  if (value === 1) return true;
  return value === 2 ? false : undefined;
}

/** Calls the reader of each known key; other keys are passed over. */
function readMap(reader: MsgpackReader, fields: Readonly<Record<string, () => unknown>>): void {
  for (let left = reader.readMapHeader(); left > 0; left--) {
    const key = reader.readString();
    const read = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (read === undefined) reader.skip();
    else read();
  }
}

function readList<T>(reader: MsgpackReader, read: (reader: MsgpackReader) => T): T[] {
  const list: T[] = [];
  for (let left = reader.readArrayHeader(); left > 0; left--) list.push(read(reader));
  return list;
}

/** Text, or a number that some tracers send in its place. */
function readText(reader: MsgpackReader): string {
  return reader.isText() || reader.peek() === 0xc0
    ? reader.readString()
    : String(reader.readNumber());
}

function readBytes(reader: MsgpackReader): Uint8Array<ArrayBuffer> {
  reader.readText();
  return Uint8Array.from(reader.bytes.subarray(reader.textStart, reader.textEnd));
}
