import { invalidRequest } from '../errors.ts';
import { matchFilter } from '../filter/match-filter.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import type { FilterTree } from '../filter/filter-tree.ts';
import { fieldOf, numberOf, textOf, type JsonObject } from '../json.ts';
import type { RegionState } from '../store/region-state.ts';
import { summariseTrace } from '../store/summarise-trace.ts';
import type { TraceRecord } from '../store/trace-record.ts';
import { fractionOf } from '../trace-id.ts';
import { optionalText, timeOf } from '../wire/input.ts';
import type { OperationContext } from './operation.ts';

/** What a page still has to show, and where in it. */
interface Listing {
  readonly found: readonly { readonly trace: TraceRecord; readonly matchedAt: number }[];
  readonly from: number;
}

/** The share of traces that `Sampling: true` looks at. */
const partialScanShare = 0.5;

/**
 * `GetTraceSummaries`: a page of traces of a half-open window, newest first.
 *
 * A page is so many traces that were looked at, so with a filter it may be empty and still have a successor.
 */
export function getTraceSummaries(input: JsonObject, context: OperationContext): JsonObject {
  const { region, tokens, pageSize } = context;
  const token = optionalText(input, 'NextToken');
  const { fromMs, toMs, kind } = windowOf(input, context);
  const filter = filterOf(input);
  const scope = `GetTraceSummaries ${region.account} ${region.region}`;
  const { found, from }: Listing =
    token === undefined
      ? { found: sampled(input, region.matching(kind, fromMs, toMs)), from: 0 }
      : (tokens.redeem(scope, input, token) as Listing);

  const isEmptyPage = context.script.asksFor('empty-page', context.call);
  const page = isEmptyPage ? [] : found.slice(from, from + pageSize);
  const rest = from + page.length;
  const summaries = page.flatMap(({ trace, matchedAt }) => {
    const facts = region.facts(trace);
    if (filter !== undefined && !matchFilter(filter, facts, { group: groupsOf(region) })) return [];
    const summary = summariseTrace(trace.id, trace.revision(region.now), facts);
    return [{ ...summary, ...(kind === 'Event' ? { MatchedEventTime: matchedAt / 1000 } : {}) }];
  });
  const hasMore = isEmptyPage || rest < found.length;
  return {
    TraceSummaries: summaries,
    // Pages count down from the end of the window; a page that is not the last begins where its oldest trace is.
    ApproximateTime: (hasMore ? (page.at(-1)?.matchedAt ?? toMs) : fromMs) / 1000,
    TracesProcessedCount: page.length,
    ...(hasMore ? { NextToken: tokens.issue(scope, input, { found, from: rest }) } : {}),
  };
}

function windowOf(
  input: JsonObject,
  { maxWindowMs }: OperationContext,
): { fromMs: number; toMs: number; kind: 'TraceId' | 'Event' | 'Service' } {
  const fromMs = timeOf(input, 'StartTime');
  const toMs = timeOf(input, 'EndTime');
  if (fromMs > toMs) throw invalidRequest('StartTime must be before EndTime');
  if (maxWindowMs !== undefined && toMs - fromMs > maxWindowMs) {
    throw invalidRequest(`Time range must not be longer than ${maxWindowMs / 3600_000} hours`);
  }
  const kind = optionalText(input, 'TimeRangeType') ?? 'TraceId';
  if (kind !== 'TraceId' && kind !== 'Event' && kind !== 'Service') {
    throw invalidRequest(`TimeRangeType must be one of TraceId, Event, Service; found ${kind}`);
  }
  return { fromMs, toMs, kind };
}

function filterOf(input: JsonObject): FilterTree | undefined {
  const text = optionalText(input, 'FilterExpression');
  return text === undefined || text.trim() === '' ? undefined : parseFilter(text);
}

function sampled<T extends { readonly trace: TraceRecord }>(
  input: JsonObject,
  found: readonly T[],
): readonly T[] {
  if (input['Sampling'] !== true && input['SamplingStrategy'] === undefined) return found;
  if (input['Sampling'] === false) return found;
  const strategy = fieldOf(input, 'SamplingStrategy');
  const isFixed = textOf(strategy['Name']) === 'FixedRate';
  const share = isFixed ? (numberOf(strategy['Value']) ?? 1) : partialScanShare;
  if (share < 0 || share > 1) throw invalidRequest('SamplingStrategy Value must be from 0 to 1');
  return found.filter(({ trace }) => fractionOf(`scanned ${trace.id}`) < share);
}

function groupsOf(
  region: RegionState,
): (by: 'name' | 'arn', value: string) => FilterTree | undefined {
  return (by, value) => {
    const name = by === 'name' ? value : value.split('/')[1];
    const expression = region.groups.find((one) => one.GroupName === name)?.FilterExpression;
    return expression === undefined ? undefined : parseFilter(expression);
  };
}
