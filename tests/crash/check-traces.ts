import { expect } from 'vitest';
import type { LoadedTrace } from './load.ts';

interface RawTrace {
  readonly spans: readonly { readonly span_id: string; readonly tier: 'live' | 'kept' }[];
}

/**
 * Asks the server for every trace and expects each acknowledged span once in every tier, each span that was sent and not
 * acknowledged at most once, and nothing else.
 */
export async function expectExactlyOnce(
  url: string,
  traces: readonly LoadedTrace[],
  tiers: readonly ('live' | 'kept')[],
): Promise<void> {
  for (const trace of traces) {
    const raw = await rawTrace(url, trace.traceId);
    for (const tier of tiers) {
      const stored = raw.spans.flatMap((span) => (span.tier === tier ? [span.span_id] : []));
      const distinct = new Set(stored);
      const found = {
        tier,
        lost: [...trace.acknowledged].filter((id) => !distinct.has(id)),
        twice: stored.length - distinct.size,
        unknown: stored.filter((id) => !trace.sent.has(id)),
      };
      expect(found).toEqual({ tier, lost: [], twice: 0, unknown: [] });
    }
  }
}

async function rawTrace(url: string, traceId: bigint): Promise<RawTrace> {
  const response = await fetch(`${url}/api/traces/${traceId}/raw`);
  if (response.status === 404) return { spans: [] };
  if (!response.ok)
    throw new Error(`The server answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as RawTrace;
}
