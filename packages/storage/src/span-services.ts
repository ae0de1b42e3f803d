import type { EpochMillis } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import type { Database, QueryOptions } from './database.ts';
import type { TimeRange } from './queries/search-spans.ts';
import { peerEntity } from './peer-entity.ts';
import {
  callRows,
  MAX_CALLS,
  MAX_PEERS,
  MAX_SERVICES,
  peerRows,
  type ServiceMapQuery,
  serviceRows,
} from './queries/service-map.ts';
import { type SpanVolume, spanVolume } from './queries/span-volume.ts';
import { EntityNames, type ServiceCall, serviceGraph, type ServiceNode } from './service-graph.ts';

/** Services, what they call, and what of the range that is made of. */
export interface ServiceMap {
  readonly nodes: readonly ServiceNode[];
  readonly calls: readonly ServiceCall[];
  /** The end of the range that was read, and how many spans began in it. All of the range when it begins with it. */
  readonly covered: TimeRange & { readonly spans: number };
  /** There were more services or calls than are looked at; those with the fewest requests are missing. */
  readonly truncated: boolean;
}

/**
 * Spans that one map is made of. 1 M of them, half of them client spans with 15 attributes, took between 150 and 200 MB, and 2 M
 * from both sources between 300 and 350 MB, of the 512 MB that a question may use. A range with more is cut to its latest part, and the answer says so.
 */
const MAX_SPANS = 2_000_000;
const SLOTS = 60;

/** Services and their calls, computed from stored spans: exact, over as much of a range as one question may cost. */
export class SpanServices {
  readonly #database: Database;
  readonly #maxSpans: number;

  constructor(database: Database, options: { readonly maxSpans?: number } = {}) {
    this.#database = database;
    this.#maxSpans = options.maxSpans ?? MAX_SPANS;
  }

  /**
   * @param env One environment, or undefined for all; services of different ones never meet.
   * @throws {LimitError} If it costs more than a question may all the same.
   */
  async map(
    wanted: { env: string | undefined; range: TimeRange },
    signal?: AbortSignal,
  ): Promise<ServiceMap> {
    const options: QueryOptions = { tag: 'service-map', ...(signal !== undefined && { signal }) };
    const predicate: Predicate =
      wanted.env === undefined
        ? { kind: 'everything' }
        : { kind: 'text', field: 'env', test: { kind: 'equals', values: [wanted.env] } };
    const covered = await this.#cover(predicate, wanted.range, options);
    const query: ServiceMapQuery = { predicate, range: covered, sources: covered.sources };
    const { from, to, spans } = covered;
    if (spans === 0)
      return { nodes: [], calls: [], covered: { from, to, spans }, truncated: false };
    const services = await this.#database.query(serviceRows(query), options);
    const peers = await this.#database.query(peerRows(query), options);
    const names = new EntityNames(services);
    const named = peers.slice(0, MAX_PEERS).flatMap(({ key, env, ...facts }) => {
      const entity = peerEntity(facts);
      const name = entity === undefined ? facts.service : names.nameOf(env, entity);
      // A call to itself is none that a map shows.
      return entity === undefined || (name === facts.service && facts.kind !== 'consumer')
        ? []
        : [{ key, name, isSource: facts.kind === 'consumer' }];
    });
    const calls = await this.#database.query(callRows(query, named), options);
    return {
      ...serviceGraph(services.slice(0, MAX_SERVICES), calls.slice(0, MAX_CALLS), names),
      covered: { from, to, spans },
      truncated:
        services.length > MAX_SERVICES || calls.length > MAX_CALLS || peers.length > MAX_PEERS,
    };
  }

  /** The latest part of a range that has no more spans than one map is made of. */
  async #cover(predicate: Predicate, range: TimeRange, options: QueryOptions) {
    let from = range.to;
    let [spans, xray] = [0, 0];
    let slice = range;
    for (;;) {
      const widthMs = Math.max(1_000, Math.ceil((slice.to - slice.from) / SLOTS));
      const slots = await this.#database.query(spanVolume(predicate, slice, widthMs), options);
      let tooMany: SpanVolume | undefined;
      for (const slot of slots) {
        // The newest instant is read however much it holds: a map of nothing would say less.
        const isLeast = spans === 0 && widthMs === 1_000;
        if (spans + slot.spans > this.#maxSpans && !isLeast) {
          tooMany = slot;
          break;
        }
        spans += slot.spans;
        xray += slot.xray;
        from = slot.from;
      }
      if (tooMany === undefined) {
        from = slice.from;
        break;
      }
      const end = Math.min(slice.to, tooMany.from + widthMs) as EpochMillis;
      from = end;
      // What is left is less than a second of an instant with millions of spans, or a map of a tenth of what is possible.
      if (widthMs === 1_000 || spans > this.#maxSpans * 0.9) break;
      slice = { from: tooMany.from, to: end };
    }
    const sources = { xray: xray > 0, tracers: spans > xray };
    return { from, to: range.to, spans, sources };
  }
}
