import type { EpochMillis } from '@spanloom/base';
import {
  type DecodeOutcome,
  type IntakeRecord,
  newOutcome,
  SpanBatch,
  type TraceKey,
} from '@spanloom/model';
import { spanFlagBits } from '@spanloom/sql';
import type { ReceivedKey } from '../native/key-block.ts';
import type { ClientStatsRow } from '../native/stats-block.ts';
import type { FetchedVersion } from '../native/version-block.ts';
import { isStatsRecord, type RecordReaders } from './record-readers.ts';

/** Memory of a key or a version with the text it is told apart by, roughly. */
const FACT_BYTES = 320;

/** What the payloads of one batch come to. Filled while payloads are accepted, and once more by a replay. */
export class BatchContents {
  readonly spans: SpanBatch = new SpanBatch();
  readonly stats: ClientStatsRow[] = [];
  readonly #keys = new Map<string, ReceivedKey>();
  readonly #versions = new Map<string, FetchedVersion>();
  #statsBytes = 0;

  /** What its rows state of other traces, each once: of several spans that state the same, the earliest. */
  get keys(): readonly ReceivedKey[] {
    return [...this.#keys.values()];
  }

  /** The fetched traces it has. */
  get versions(): readonly FetchedVersion[] {
    return [...this.#versions.values()];
  }

  /** Rows of keys and versions: they follow from the spans and are stored beside them. */
  get facts(): number {
    return this.#keys.size + this.#versions.size;
  }

  get isEmpty(): boolean {
    return this.spans.length === 0 && this.stats.length === 0 && this.facts === 0;
  }

  /** Memory it takes, roughly. */
  get byteSize(): number {
    return this.spans.byteSize + this.#statsBytes + this.facts * FACT_BYTES;
  }

  /**
   * Decodes a record into the batch. Adds all of it or, when it throws, nothing.
   *
   * @param repeats What becomes of a further version of a fetched trace which the batch has already. Rows of the two could not be
   *   told apart, so when batches are made it is refused, to open the next one. A replay takes it: there it only occurs where an
   *   older program understood one of the two payloads differently, and losing one would be worse.
   * @returns Undefined for a version that is refused.
   */
  add(
    record: IntakeRecord,
    readers: RecordReaders,
    repeats: 'refuse' | 'take',
  ): DecodeOutcome | undefined {
    if (isStatsRecord(record)) {
      const rows = readers.statsRows(record);
      this.stats.push(...rows);
      this.#statsBytes += rows.reduce((sum, row) => sum + 256 + row.payload.length, 0);
      return newOutcome();
    }
    const { spans } = this;
    const mark = spans.mark();
    try {
      const outcome = readers.decode(record, spans);
      const { replaces } = outcome;
      const version = replaces === undefined ? undefined : `${replaces.hi} ${replaces.lo}`;
      if (version !== undefined && this.#versions.has(version) && repeats === 'refuse') {
        spans.rollback(mark);
        return undefined;
      }
      const keys =
        spans.length === mark.length ? undefined : readers.traceKeys?.(spans, mark.length);
      const received = record.receivedMs as EpochMillis;
      for (const key of keys ?? []) this.#addKey(key, received);
      if (version !== undefined) {
        for (let row = mark.length; row < spans.length; row++) {
          spans.flags[row]! |= spanFlagBits.fetched;
        }
        this.#versions.set(version, { traceId: replaces!, received });
      }
      return outcome;
    } catch (error) {
      // A decoder takes its rows back itself when the payload is wrong. When the decoder is, the batch must not suffer.
      spans.rollback(mark);
      throw error;
    }
  }

  #addKey(key: TraceKey, received: EpochMillis): void {
    const identity = `${key.kind} ${key.key} ${key.traceId.hi} ${key.traceId.lo} ${key.env}`;
    const known = this.#keys.get(identity);
    if (known === undefined || key.start < known.key.start) {
      this.#keys.set(identity, { key, received });
    }
  }
}
