import { type DecodeOutcome, type IntakeRecord, newOutcome, type SpanBatch } from '@spanloom/model';
import { AttributeList } from '../sink/attribute-list.ts';
import { SpanChunk, type TopLevel } from '../sink/span-chunk.ts';
import { SpanSink } from '../sink/span-sink.ts';
import {
  envelopeJson,
  type EnvelopeParts,
  factsFromHeaders,
  isHeaderSet,
  type PayloadFacts,
} from './payload-facts.ts';

/** One Datadog payload being decoded: what its headers and body say about all spans, and where the spans go. */
export class DatadogPayload {
  readonly batch: SpanBatch;
  readonly outcome: DecodeOutcome;
  readonly sink: SpanSink;
  readonly chunk: SpanChunk;
  facts: PayloadFacts;
  /** Payload tags: every span has them unless it states them itself. */
  tags: AttributeList;
  /** Tags of the agent's payload around this one. */
  agentTags: AttributeList;
  #fallbackEnv = 0;
  #fallbackVersion = 0;
  readonly #headers: IntakeRecord['headers'];

  /** @param markedTopLevel How to find entry spans when the header does not say that they are marked. */
  constructor(record: IntakeRecord, batch: SpanBatch, markedTopLevel: TopLevel = 'compute') {
    this.#headers = record.headers;
    this.batch = batch;
    this.outcome = newOutcome();
    this.sink = new SpanSink(batch, this.outcome, {
      source: 'datadog',
      receivedMs: record.receivedMs,
      wholeNumbers: 'double',
    });
    this.chunk = new SpanChunk(this.sink, {
      topLevel: isHeaderSet(record.headers['datadog-client-computed-top-level'])
        ? 'marked'
        : markedTopLevel,
      clientStats: isHeaderSet(record.headers['datadog-client-computed-stats']),
    });
    this.facts = factsFromHeaders(record.headers);
    this.agentTags = new AttributeList(this.sink.keys);
    this.tags = new AttributeList(this.sink.keys);
    this.reset();
  }

  /** Forgets what a tracer's payload inside an agent's payload said. */
  reset(): void {
    this.facts = factsFromHeaders(this.#headers);
    this.tags = new AttributeList(this.sink.keys);
  }

  /** The facts are complete: spans follow. */
  beginSpans(): void {
    const { facts, sink, batch } = this;
    const processTags = this.#headers['datadog-process-tags'];
    const key = sink.keys.of('_dd.tags.process');
    if (
      processTags !== undefined &&
      processTags !== '' &&
      this.tags.textOf('_dd.tags.process') === ''
    ) {
      this.tags.addText(key, processTags);
    }
    sink.setLanguage(facts.language);
    if (facts.tracerVersion !== '') this.outcome.tracerVersion = facts.tracerVersion;
    const env = Buffer.from(facts.env, 'utf8');
    this.#fallbackEnv = sink.texts.env.intern(env, 0, env.length, sink.count);
    this.#fallbackVersion = batch.version.table.internText(facts.appVersion);
  }

  /** Closes the open span. */
  endSpan(chunkTags?: AttributeList): void {
    const { batch, sink } = this;
    this.chunk.endSpan(
      chunkTags === undefined
        ? [this.tags, this.agentTags]
        : [chunkTags, this.tags, this.agentTags],
    );
    const { row } = sink;
    if (batch.env.data[row] === 0) batch.env.data[row] = this.#fallbackEnv;
    if (batch.version.data[row] === 0) batch.version.data[row] = this.#fallbackVersion;
  }

  /** The number of the envelope of a chunk that states `parts` beside what the payload states. */
  envelope(parts: Omit<EnvelopeParts, 'facts' | 'tags' | 'agentTags'> = {}): number {
    return this.batch.envelope.table.internText(
      envelopeJson({ facts: this.facts, tags: this.tags, agentTags: this.agentTags, ...parts }),
    );
  }
}
