import type { Clock } from '@spanloom/base';
import type { ClientJson } from '@spanloom/contract';

/** Who sent a payload, as far as its headers or the payload itself say. */
export interface ClientIdentity {
  readonly language: string;
  readonly languageVersion: string;
  readonly tracerVersion: string;
  readonly endpoint: string;
}

/** What one payload adds to its sender's line. */
export interface ClientActivity {
  readonly traces: number;
  readonly spans: number;
  readonly bytes: number;
  readonly droppedP0Traces: number;
  readonly droppedP0Spans: number;
}

interface Entry extends ClientIdentity {
  lastSeenMs: number;
  payloads: number;
  traces: number;
  spans: number;
  bytes: number;
  droppedP0Traces: number;
  droppedP0Spans: number;
}

const HOUR_MS = 3_600_000;
/** Versions and languages are the sender's words, so the number of lines needs a bound. */
const MAX_CLIENTS = 500;
const MAX_TEXT = 64;

/** The senders seen in the last hour. When full, the one silent for longest makes room. */
export class ClientRegistry {
  readonly #clock: Clock;
  /** In order of last activity, oldest first: an entry that is touched moves to the end. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(identity: ClientIdentity, activity: ClientActivity): void {
    const { endpoint } = identity;
    const language = identity.language.slice(0, MAX_TEXT);
    const languageVersion = identity.languageVersion.slice(0, MAX_TEXT);
    const tracerVersion = identity.tracerVersion.slice(0, MAX_TEXT);
    const key = `${language}\n${languageVersion}\n${tracerVersion}\n${endpoint}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#makeRoom();
      entry = {
        language,
        languageVersion,
        tracerVersion,
        endpoint,
        lastSeenMs: 0,
        payloads: 0,
        traces: 0,
        spans: 0,
        bytes: 0,
        droppedP0Traces: 0,
        droppedP0Spans: 0,
      };
    } else {
      this.#entries.delete(key);
    }
    this.#entries.set(key, entry);
    entry.lastSeenMs = this.#clock.now();
    entry.payloads += 1;
    entry.traces += activity.traces;
    entry.spans += activity.spans;
    entry.bytes += activity.bytes;
    entry.droppedP0Traces += activity.droppedP0Traces;
    entry.droppedP0Spans += activity.droppedP0Spans;
  }

  /** Most recent first. */
  list(): ClientJson[] {
    const since = this.#clock.now() - HOUR_MS;
    const recent: ClientJson[] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.lastSeenMs < since) this.#entries.delete(key);
      else recent.push(toClientJson(entry));
    }
    return recent.toReversed();
  }

  #makeRoom(): void {
    if (this.#entries.size < MAX_CLIENTS) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function toClientJson(entry: Entry): ClientJson {
  return {
    language: entry.language,
    language_version: entry.languageVersion,
    tracer_version: entry.tracerVersion,
    endpoint: entry.endpoint,
    last_seen: new Date(entry.lastSeenMs).toISOString(),
    payloads: entry.payloads,
    traces: entry.traces,
    spans: entry.spans,
    bytes: entry.bytes,
    dropped_p0_traces: entry.droppedP0Traces,
    dropped_p0_spans: entry.droppedP0Spans,
  };
}
