import { isJsonObject } from '@spanloom/base';
import type { XRayTrace, XRayTraceSource } from '@spanloom/metadata';
import { MAX_BATCH } from './crawl-limits.ts';
import { addPart, countRetrieved, fetchTraces, isCallFailure } from './fetch-traces.ts';
import type { RegionContext } from './region-context.ts';
import { retrieveTraces } from './retrieve-traces.ts';
import type { FetchedTrace } from './xray-calls.ts';

/**
 * Adds to fetched traces what other accounts and regions have of them. X-Ray keeps a trace's segments where they were made, so one
 * that crosses regions or accounts is in several places, a part in each. A monitoring account has copies of what its source accounts
 * have: what brings nothing new is noted as that and not asked for again.
 *
 * @param found Changed in place. A trace of which a known part cannot be fetched now is taken out: without it, what is stored of
 *   the trace would lose that part.
 * @returns Those that were taken out because of an error that may pass.
 */
export async function joinSources(
  context: RegionContext,
  traces: readonly XRayTrace[],
  found: Map<string, FetchedTrace>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const postponed = new Set<string>();
  const sources = await context.metadata.xray.sources([...found.keys()]);
  const groups = Map.groupBy(sources, ({ account, region }) => `${account} ${region}`);
  for (const group of groups.values()) {
    const peer = context.peer(group[0]!)?.context;
    // What is not read any more is not asked; what was stored of it stays until the trace changes.
    if (peer === undefined) continue;
    const ids = new Set(group.map(({ xrayId }) => xrayId));
    const parts = await fetchFrom(
      peer,
      traces.filter(({ xrayId }) => ids.has(xrayId)),
      signal,
    );
    for (const source of group) {
      const own = found.get(source.xrayId);
      if (own === undefined) continue;
      const part = parts?.get(source.xrayId);
      if (part === undefined) {
        if (source.kind !== 'part') continue;
        found.delete(source.xrayId);
        if (parts === undefined) postponed.add(source.xrayId);
        continue;
      }
      await join(context, peer, source, { own, part, found });
    }
  }
  return postponed;
}

async function join(
  context: RegionContext,
  peer: RegionContext,
  source: XRayTraceSource,
  { own, part, found }: { own: FetchedTrace; part: FetchedTrace; found: Map<string, FetchedTrace> },
): Promise<void> {
  const known = new Set(own.documents.map(segmentId));
  const fresh = part.documents.filter((text) => !known.has(segmentId(text)));
  if (fresh.length > 0) addPart(found, { ...part, documents: fresh });
  const kind = fresh.length > 0 || source.kind === 'part' ? 'part' : 'copy';
  if (kind !== source.kind) await context.metadata.xray.saveSource({ ...source, kind });
  if (kind !== 'copy') return;
  const { record } = peer;
  record.counts.duplicates++;
  record.metrics.duplicates.inc(record.where);
  record.warn(
    'duplicates',
    `Traces listed here are also in account ${context.id.account}, ${context.id.region}, with all there is of them, and are taken ` +
      `from there (${source.xrayId} was the first); read a monitoring account or its source accounts, not both`,
  );
}

/** What a region has of traces; undefined when it cannot be asked now. */
async function fetchFrom(
  peer: RegionContext,
  traces: readonly XRayTrace[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FetchedTrace> | undefined> {
  if (peer.budget.level === 'stop') return undefined;
  const all = new Map<string, FetchedTrace>();
  try {
    if (peer.mode() === 'transaction-search') {
      await retrieveTraces(peer, traces, (trace) => addPart(all, trace), signal);
      await countRetrieved(peer, all.size);
      return all;
    }
    for (let start = 0; start < traces.length; start += MAX_BATCH) {
      const ids = traces.slice(start, start + MAX_BATCH).map(({ xrayId }) => xrayId);
      const { found, retrieved } = await fetchTraces(peer, ids, signal);
      for (const trace of found.values()) addPart(all, trace);
      await countRetrieved(peer, retrieved);
    }
    return all;
  } catch (error) {
    if (isCallFailure(error)) return undefined;
    throw error;
  }
}

/** A segment's id; of what is none, the text itself. */
function segmentId(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value) && typeof value['id'] === 'string') return value['id'];
  } catch {
    // Not JSON: told apart by what it says.
  }
  return text;
}
