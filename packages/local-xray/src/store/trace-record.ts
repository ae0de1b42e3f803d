import { numberOf, type JsonObject } from '../json.ts';
import { mintedAt } from '../trace-id.ts';
import { compileTrace, type CompiledSegment } from './compile-trace.ts';

/** A document as it is kept: text, since most are read rarely, and few facts that searching needs. */
export interface StoredDocument {
  readonly id: string;
  readonly text: string;
  readonly visibleAt: number;
  readonly startMs: number;
  readonly endMs: number | undefined;
  /** Whether the classic operations see it; the others are only in the log group. */
  readonly classic: boolean;
  /** Whether its spans are in the log group `aws/spans`. */
  readonly inLogs: boolean;
  /** Handed to readers untouched: for documents that are broken on purpose. */
  readonly verbatim: boolean;
}

/** Which part of the documents a reader may see. */
export type View = 'classic' | 'everything';

/** What a trace is made of, and what can be seen of it at a time. */
export class TraceRecord {
  readonly id: string;
  readonly mintedAt: number;
  /** Set when a document was refused because of the size of the whole. */
  limitExceeded = false;
  /** How often it was fetched; number rendering varies with it. */
  fetches = 0;
  #documents: StoredDocument[] = [];
  #bytes = 0;

  constructor(id: string) {
    this.id = id;
    this.mintedAt = mintedAt(id);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a document, in order of visibility; among equals, in order of arrival. */
  add(document: StoredDocument): void {
    let at = this.#documents.length;
    while (at > 0 && this.#documents[at - 1]!.visibleAt > document.visibleAt) at--;
    this.#documents.splice(at, 0, document);
    this.#bytes += document.text.length;
  }

  /** What has become visible by `now`, oldest first. */
  visible(now: number, view: View): readonly StoredDocument[] {
    return this.#documents.filter(
      (one) => one.visibleAt <= now && (one.classic || view === 'everything'),
    );
  }

  /** What readers get at `now`. Empty while nothing is visible. */
  compiled(now: number, view: View): CompiledSegment[] {
    const seen = this.visible(now, view);
    const proper = seen.filter((one) => !one.verbatim);
    const bodies = proper.map((one) => JSON.parse(one.text) as JsonObject);
    const broken = new Map(seen.filter((one) => one.verbatim).map((one) => [one.id, one.text]));
    return [
      ...compileTrace(this.id, bodies)
        .map((document) => ({ id: document['id'] as string, document }))
        .filter((one) => !broken.has(one.id)),
      ...Array.from(broken, ([id, verbatim]) => ({ id, verbatim })),
    ];
  }

  /** Changes whenever more of the trace becomes visible. */
  revision(now: number): number {
    return this.visible(now, 'classic').length;
  }
}

/** The facts that searching needs, read from a parsed document. */
export function timesOf(body: JsonObject): { startMs: number; endMs: number | undefined } {
  const end = numberOf(body['end_time']);
  return {
    startMs: (numberOf(body['start_time']) ?? 0) * 1000,
    endMs: end === undefined ? undefined : end * 1000,
  };
}
