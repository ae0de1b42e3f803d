import type { Span } from '@spanloom/model';

/** Attributes of a placeholder that say how it came to be, not what the function did. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set(['_dd.parent_source', 'span.kind']);

/**
 * X-Ray's span of an invocation with what the tracer knew of it: service, environment, version, tags, events and links. What
 * both state is taken from the tracer, which had it from the function itself; X-Ray's name, times and ids stay.
 */
export function withTagsOf(xray: Span, apm: Span): Span {
  const meta = Object.assign(Object.create(null), xray.meta) as Record<string, string>;
  for (const [key, value] of Object.entries(apm.meta)) {
    if (!OWN_ATTRIBUTES.has(key)) meta[key] = value;
  }
  return {
    ...xray,
    service: apm.service || xray.service,
    env: apm.env || xray.env,
    version: apm.version || xray.version,
    functionName: apm.functionName || xray.functionName,
    error: apm.error || xray.error,
    priority: apm.priority ?? xray.priority,
    meta,
    metrics: { ...xray.metrics, ...apm.metrics },
    binary: { ...xray.binary, ...apm.binary },
    typed: { ...xray.typed, ...apm.typed },
    links: [...xray.links, ...apm.links],
    events: [...xray.events, ...apm.events],
  };
}
