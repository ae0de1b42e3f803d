import type { DecodeOutcome, IntakeRecord, SpanBatch } from '@spanloom/model';
import { SpanChunk } from '../sink/span-chunk.ts';
import { SpanSink } from '../sink/span-sink.ts';
import type { Segment } from './segment-document.ts';
import { SegmentSet } from './segment-set.ts';
import { type CrawledFrom, SegmentSpans } from './segment-spans.ts';
import { objectAt, textAt } from './xray-json.ts';

/** Languages by the names that X-Ray SDKs and OpenTelemetry give theirs. */
const LANGUAGES: readonly (readonly [RegExp, string])[] = [
  [/node|js/i, 'nodejs'],
  [/python/i, 'python'],
  [/java/i, 'java'],
  [/\.net|dotnet/i, 'dotnet'],
  [/ruby/i, 'ruby'],
  [/\bgo\b/i, 'go'],
];

/** What `writeDocuments` writes into, and what it is told beside the documents. */
export interface WriteOptions {
  readonly record: IntakeRecord;
  readonly batch: SpanBatch;
  readonly outcome: DecodeOutcome;
  /** Where a fetched trace came from; `undefined` for what a sender pushed. */
  readonly crawled?: CrawledFrom;
}

/** Appends the spans of documents that came together. */
export function writeDocuments(documents: readonly Segment[], options: WriteOptions): void {
  const { record, batch, outcome, crawled } = options;
  const sink = new SpanSink(batch, outcome, {
    source: 'xray',
    receivedMs: record.receivedMs,
    wholeNumbers: 'int',
  });
  const chunk = new SpanChunk(sink, { topLevel: 'marked', clientStats: false });
  let traces = 0;
  for (const [, together] of Map.groupBy(documents, ({ traceText }) => traceText)) {
    traces++;
    const spans = new SegmentSpans(sink, chunk, new SegmentSet(together), crawled);
    for (const document of together) spans.write(document, envelopeOf(document, sink));
  }
  // Each document counted as one.
  outcome.traces = traces;
  sink.finish();
}

/** Who sent the document; notes the language, and gives JSON for all of its spans. */
function envelopeOf({ fields }: Segment, sink: SpanSink): number {
  const xray = objectAt(objectAt(fields, 'aws'), 'xray');
  const sdk = textAt(xray, 'sdk');
  const isUnknown = sdk === '' && !('sdk_version' in xray);
  if (isUnknown) {
    sink.setLanguage('');
    return 0;
  }
  const language = LANGUAGES.find(([name]) => name.test(sdk))?.[1] ?? '';
  const version = textAt(xray, 'sdk_version');
  sink.setLanguage(language);
  if (version !== '') sink.outcome.tracerVersion = version;
  const members = Object.entries({ language, tracer_version: version }).filter(
    ([, text]) => text !== '',
  );
  if (members.length === 0) return 0;
  return sink.batch.envelope.table.internText(JSON.stringify(Object.fromEntries(members)));
}
