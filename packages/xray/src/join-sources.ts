import type { XRayTrace, XRayTraceSource } from '@spanloom/metadata';
import { MAX_BATCH } from './crawl-limits.ts';
import { fetchPath } from './fetch-path.ts';
import { addPart, countRetrieved, fetchTraces, isCallFailure } from './fetch-traces.ts';
import { joinDocuments } from './join-documents.ts';
import type { LackingPart, LackReason } from './lacking-part.ts';
import type { RegionContext } from './region-context.ts';
import { retrieveInHalves } from './retrieve-in-halves.ts';
import type { FetchedTrace } from './xray-calls.ts';

/** Parts of traces, or why there are none. */
type Parts =
  | { readonly found: ReadonlyMap<string, FetchedTrace> }
  | { readonly found?: undefined; readonly reason: LackReason; readonly message: string };

/**
 * Adds to fetched traces what other accounts and regions have of them. X-Ray keeps a trace's segments where they were made, so one
 * that crosses regions or accounts is in several places, a part in each. A monitoring account has copies of what its source accounts
 * have: what brings nothing new is noted as that, and asked for again only when it grows on its own.
 *
 * @param found Changed in place. A part that cannot be had now is replaced by what it was when it was last had; if that is not known,
 *   the trace is taken out, since writing it would lose what is stored of the part.
 * @returns Traces that lack what another place has of them.
 */
export async function joinSources(
  context: RegionContext,
  traces: readonly XRayTrace[],
  found: Map<string, FetchedTrace>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LackingPart>> {
  const lacking = new Map<string, LackingPart>();
  const sources = await context.metadata.xray.sources([...found.keys()]);
  const groups = Map.groupBy(sources, ({ account, region }) => `${account} ${region}`);
  const known = new Map(traces.map((trace) => [trace.xrayId, trace]));
  for (const group of groups.values()) {
    const peer = context.peer(group[0]!)?.context;
    const ids = group.map(({ xrayId }) => xrayId);
    // What is not read any more is not asked: it stays as it was when it was.
    const parts: Parts | undefined = peer && (await fetchFrom(peer, ids, signal));
    if (peer !== undefined && parts !== undefined) tell(context, peer, parts);
    for (const source of group) {
      const own = found.get(source.xrayId);
      if (own === undefined) continue;
      const part = parts?.found?.get(source.xrayId);
      if (peer !== undefined && part !== undefined) {
        const trace = known.get(source.xrayId);
        await join(context, peer, source, { own, part, found, ownerRevision: trace?.revision });
        continue;
      }
      const stored = source.documents;
      if (stored !== undefined) {
        const { documents } = joinDocuments(own.documents, stored);
        found.set(source.xrayId, { ...own, documents });
      }
      if (parts === undefined) continue;
      const reason = parts.found === undefined ? parts.reason : 'absent';
      const held = reason !== 'absent' && source.kind === 'part' && stored === undefined;
      if (held) found.delete(source.xrayId);
      if (lacking.get(source.xrayId)?.held !== true) lacking.set(source.xrayId, { reason, held });
    }
  }
  return lacking;
}

async function join(
  context: RegionContext,
  peer: RegionContext,
  source: XRayTraceSource,
  {
    own,
    part,
    found,
    ownerRevision,
  }: {
    own: FetchedTrace;
    part: FetchedTrace;
    found: Map<string, FetchedTrace>;
    ownerRevision: number | undefined;
  },
): Promise<void> {
  const { documents, added } = joinDocuments(own.documents, part.documents);
  const limitExceeded = own.limitExceeded || part.limitExceeded;
  if (added.length > 0) found.set(source.xrayId, { ...own, documents, limitExceeded });
  const kind = added.length > 0 || source.kind === 'part' ? 'part' : 'copy';
  if (kind !== source.kind || !isSame(added, source.documents ?? [])) {
    await context.metadata.xray.saveSource({ ...source, kind, documents: added, ownerRevision });
  }
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

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

/** Says in our region what keeps another from giving its parts, or takes it back. */
function tell({ record }: RegionContext, { id }: RegionContext, parts: Parts): void {
  record.warn(
    `part ${id.account} ${id.region}`,
    parts.found === undefined
      ? `Traces that go on in account ${id.account}, ${id.region} show of that part only what was read before: ${parts.message}`
      : undefined,
  );
}

/** What a region has of traces. */
async function fetchFrom(
  peer: RegionContext,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Parts> {
  const { budget } = peer;
  if (budget.level === 'stop') {
    const message = `its budget for ${budget.month} is used up`;
    return { reason: 'budget', message };
  }
  try {
    if (fetchPath(peer) === 'retrieval') {
      const asked = ids.map((xrayId) => ({ xrayId, firstSeen: peer.pacer.now() }));
      const found = await retrieveInHalves(peer, asked, signal);
      await countRetrieved(peer, found.size);
      return { found };
    }
    const all = new Map<string, FetchedTrace>();
    for (let start = 0; start < ids.length; start += MAX_BATCH) {
      await fetchSome(peer, ids.slice(start, start + MAX_BATCH), all, signal);
    }
    return { found: all };
  } catch (error) {
    if (!isCallFailure(error)) throw error;
    const { name, message } = error.failure;
    return { reason: 'failing', message: `${name}: ${message}` };
  }
}

async function fetchSome(
  peer: RegionContext,
  ids: readonly string[],
  all: Map<string, FetchedTrace>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { found, retrieved } = await fetchTraces(peer, ids, signal);
    for (const trace of found.values()) addPart(all, trace);
    await countRetrieved(peer, retrieved);
  } catch (error) {
    if (!isCallFailure(error, 'invalid_request')) throw error;
    // One of them is at fault; alone it harms nobody, and is as if it were not there.
    if (ids.length > 1) for (const id of ids) await fetchSome(peer, [id], all, signal);
  }
}
