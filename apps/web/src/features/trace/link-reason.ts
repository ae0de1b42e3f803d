import type { AttributeJson, SpanLinkJson } from '@spanloom/contract';

/** Attributes that the words of a reason already say. */
const SAID: ReadonlySet<string> = new Set([
  'reason',
  'link.reason',
  'link.kind',
  'link.name',
  'xray.link',
  'xray.env_mismatch',
  'messaging.batch.index',
]);

/** Why one span points to another, in words. */
export function linkReason({ attributes = {} }: SpanLinkJson): string {
  const text = (name: string): string => String(attributes[name] ?? '');
  const stated = text('reason') || text('link.reason');
  if ('xray.env_mismatch' in attributes || stated === 'xray.env_mismatch')
    return 'the other half, of another env';
  if (stated !== '') return stated.replaceAll('_', ' ');
  if (text('link.kind') === 'span-pointer') {
    return text('ptr.dir') === 'd' ? 'the object it wrote' : 'the object that triggered it';
  }
  if ('messaging.batch.index' in attributes)
    return `message ${Number(attributes['messaging.batch.index']) + 1} of the batch`;
  if (text('link.name') !== '') return text('link.name');
  if ('xray.link' in attributes) return 'linked by X-Ray';
  return 'linked';
}

/** Attributes that the reason leaves to be read. */
export function otherAttributes({
  attributes = {},
}: SpanLinkJson): readonly (readonly [string, AttributeJson])[] {
  return Object.entries(attributes).filter(([name]) => !SAID.has(name));
}

/** Whether there is a span to go to: pointers to objects have zeros for ids. */
export function pointsToSpan({ trace_id: traceId }: SpanLinkJson): boolean {
  return !/^0*$/.test(traceId);
}
