import type { SpanJson } from '@spanloom/contract';

/** Tags that a tracer copies from the event it infers a managed service from; the most telling first. */
const EVENT_TAGS: readonly string[] = [
  'event_source_arn',
  'function_trigger.event_source_arn',
  'queuename',
  'topicname',
  'streamname',
  'rulename',
  'tablename',
  'bucketname',
  'apiid',
  'http.url',
];

/** What in the event an inferred span was made from, as `field value`; undefined for any other span. */
export function inferredEvidence({ source, meta }: SpanJson): string | undefined {
  if (source !== 'inferred' && meta['_inferred_span.tag_source'] !== 'self') return undefined;
  const field = EVENT_TAGS.find((tag) => (meta[tag] ?? '') !== '');
  return field === undefined ? 'the event’s shape' : `${field} ${meta[field]}`;
}
