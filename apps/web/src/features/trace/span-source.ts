import type { SpanJson } from '@spanloom/contract';

const SOURCES: Readonly<Record<string, string>> = {
  datadog: 'APM',
  otlp: 'OpenTelemetry',
  xray: 'X-Ray',
  inferred: 'inferred',
  other: 'other',
};
const ORDER = Object.keys(SOURCES);

/** A source in the words of the page. */
export function sourceName(source: string): string {
  return SOURCES[source] ?? source;
}

/** Every source that a row shows: its own span's and those of the spans folded into it, tracers first. */
export function sourcesOf(
  span: SpanJson,
  spanById: (id: string) => SpanJson | undefined,
): readonly string[] {
  const found = new Set<string>([span.source]);
  for (const id of span.folded) {
    const folded = spanById(id);
    if (folded !== undefined) found.add(folded.source);
  }
  return [...found].toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
}

/** `APM + X-Ray` */
export function sourceWords(sources: readonly string[]): string {
  return sources.map(sourceName).join(' + ');
}
