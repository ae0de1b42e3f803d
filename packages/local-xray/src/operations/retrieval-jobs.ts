import { randomBytes } from 'node:crypto';
import { invalidRequest, ServiceError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { otelSpans } from '../logs/otel-span.ts';
import { documentsOf } from '../store/compile-trace.ts';
import { renderDocument } from '../store/render-document.ts';
import type { RegionState } from '../store/region-state.ts';
import { traceFacts } from '../store/trace-facts.ts';
import { optionalText, textList, timeOf } from '../wire/input.ts';
import type { OperationContext } from './operation.ts';

const idLimit = 100;
const jobLifeMs = 60 * 60_000;

/** Where a job is: it moves on with each look at it, so that a test needs no clock to see all of its states. */
type RetrievalStatus = 'SCHEDULED' | 'RUNNING' | 'COMPLETE' | 'FAILED' | 'CANCELLED' | 'TIMEOUT';

interface Job {
  readonly region: RegionState;
  readonly ids: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly startedAt: number;
  readonly fails: boolean;
  looks: number;
  cancelled: boolean;
}

/** The jobs of `StartTraceRetrieval`, by their tokens. */
export class RetrievalJobs {
  readonly #jobs = new Map<string, Job>();

  start(job: Job): string {
    const token = randomBytes(64).toString('base64url');
    this.#jobs.set(token, job);
    return token;
  }

  /** @throws {ServiceError} `ResourceNotFoundException` if the account has no such job in that region. */
  find(token: string | undefined, region: RegionState): Job {
    const job = this.#jobs.get(token ?? '');
    if (job?.region !== region) {
      throw new ServiceError('ResourceNotFoundException', 404, 'Retrieval token not found');
    }
    return job;
  }
}

/** `StartTraceRetrieval`. */
export function startTraceRetrieval(input: JsonObject, context: OperationContext): JsonObject {
  const ids = textList(input, 'TraceIds');
  if (ids.length === 0 || ids.length > idLimit) {
    throw invalidRequest(`TraceIds must have from 1 to ${idLimit} entries`);
  }
  const fromMs = timeOf(input, 'StartTime');
  const toMs = timeOf(input, 'EndTime');
  if (fromMs > toMs) throw invalidRequest('StartTime must be before EndTime');
  const token = context.retrievals.start({
    region: context.region,
    ids,
    fromMs,
    toMs,
    startedAt: context.region.now,
    fails: context.script.asksFor('fail-retrieval', context.call),
    looks: 0,
    cancelled: false,
  });
  return { RetrievalToken: token };
}

/** `ListRetrievedTraces`: nothing before the job is complete, then its traces, a page at a time. */
export function listRetrievedTraces(input: JsonObject, context: OperationContext): JsonObject {
  const { region, tokens, retrievals, pageSize } = context;
  const job = retrievals.find(optionalText(input, 'RetrievalToken'), region);
  const format = optionalText(input, 'TraceFormat') ?? 'XRAY';
  if (format !== 'XRAY' && format !== 'OTEL')
    throw invalidRequest('TraceFormat must be XRAY or OTEL');
  const status = statusOf(job);
  if (status !== 'COMPLETE') {
    job.looks++;
    return { RetrievalStatus: status, TraceFormat: format, Traces: [] };
  }
  const scope = `ListRetrievedTraces ${region.account} ${region.region}`;
  const token = optionalText(input, 'NextToken');
  const ids =
    token === undefined ? job.ids : (tokens.redeem(scope, input, token) as readonly string[]);
  const rest = ids.slice(pageSize);
  return {
    RetrievalStatus: status,
    TraceFormat: format,
    Traces: ids.slice(0, pageSize).flatMap((id) => retrieved(id, job, format)),
    ...(rest.length > 0 ? { NextToken: tokens.issue(scope, input, rest) } : {}),
  };
}

/** `CancelTraceRetrieval`. */
export function cancelTraceRetrieval(input: JsonObject, context: OperationContext): JsonObject {
  const job = context.retrievals.find(optionalText(input, 'RetrievalToken'), context.region);
  job.cancelled = true;
  return {};
}

function statusOf(job: Job): RetrievalStatus {
  if (job.cancelled) return 'CANCELLED';
  if (job.region.now - job.startedAt > jobLifeMs) return 'TIMEOUT';
  if (job.looks === 0) return 'SCHEDULED';
  if (job.looks === 1) return 'RUNNING';
  return job.fails ? 'FAILED' : 'COMPLETE';
}

function retrieved(id: string, job: Job, format: 'XRAY' | 'OTEL'): JsonObject[] {
  const { region } = job;
  const compiled = region.find(id, 'everything')?.compiled(region.now, 'everything') ?? [];
  const facts = traceFacts(compiled, region.account);
  // The range includes both of its ends.
  if (compiled.length === 0 || facts.startMs > job.toMs || facts.endMs < job.fromMs) return [];
  const documents = documentsOf(compiled);
  const spans =
    format === 'XRAY'
      ? documents.map((one) => ({ Id: one['id'], Document: renderDocument(one, 'plain') }))
      : documents
          // What X-Ray infers is no span that anybody recorded.
          .filter((one) => one['inferred'] !== true)
          .flatMap((one) => otelSpans(one, region))
          .map((one) => ({ Id: one.id, Document: one.text }));
  return [{ Id: id, Duration: (facts.endMs - facts.startMs) / 1000, Spans: spans }];
}
