import { invalidRequest } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { CompiledSegment } from '../store/compile-trace.ts';
import { renderDocument, type NumberForm } from '../store/render-document.ts';
import { traceFacts } from '../store/trace-facts.ts';
import type { TraceRecord } from '../store/trace-record.ts';
import { optionalText, textList } from '../wire/input.ts';
import type { OperationContext } from './operation.ts';

const idLimit = 5;
const idLength = 35;

/** `BatchGetTraces`: the compiled documents of up to five traces. */
export function batchGetTraces(input: JsonObject, context: OperationContext): JsonObject {
  const ids = textList(input, 'TraceIds');
  if (ids.length > idLimit) throw invalidRequest(`Exceeding maximum query size: ${idLimit}`);
  if (ids.length === 0) throw invalidRequest('TraceIds must not be empty');
  const overlong = ids.find((one) => one.length > idLength);
  if (overlong !== undefined) throw invalidRequest(`Invalid trace id: ${overlong}`);
  if (optionalText(input, 'NextToken') !== undefined) {
    throw invalidRequest('NextToken is currently not supported');
  }
  const traces: JsonObject[] = [];
  const unprocessed: string[] = [];
  for (const id of new Set(ids)) {
    const trace = context.region.find(id, 'classic');
    const lost = context.script.lost(id);
    if (lost === 'unprocessed' || (trace === undefined && lost === undefined)) unprocessed.push(id);
    else if (trace !== undefined && lost === undefined) traces.push(answerOf(trace, context));
  }
  return { Traces: traces, UnprocessedTraceIds: unprocessed };
}

function answerOf(trace: TraceRecord, { region, numbers }: OperationContext): JsonObject {
  const compiled = trace.compiled(region.now, 'classic');
  const facts = traceFacts(compiled, region.account);
  // Which form it is differs from answer to answer, so nobody can take the text itself for the content.
  const form = numbers === 'varying' ? (trace.fetches++ % 2 === 0 ? 'exponent' : 'plain') : numbers;
  return {
    Id: trace.id,
    Duration: Number.isFinite(facts.startMs) ? (facts.endMs - facts.startMs) / 1000 : 0,
    LimitExceeded: trace.limitExceeded,
    Segments: segmentsOf(compiled, form),
  };
}

/** Compiled segments as the API carries them: JSON inside of JSON. */
function segmentsOf(compiled: readonly CompiledSegment[], form: NumberForm): JsonObject[] {
  return compiled.map((one) => ({
    Id: one.id,
    Document: 'document' in one ? renderDocument(one.document, form) : one.verbatim,
  }));
}
