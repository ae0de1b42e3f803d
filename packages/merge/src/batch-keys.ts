import { type EpochNanos, joinKey } from '@spanloom/base';
import { SOURCES, type SpanBatch, type TraceKey, type TraceKeyKind } from '@spanloom/model';
import {
  FAAS_REQUEST_ATTRIBUTES,
  REQUEST_ATTRIBUTE,
  REQUEST_SPAN_NAMES,
  requestKey,
} from './request-id.ts';
import { contextOfTexts, METADATA_ATTRIBUTES } from './trace-context.ts';

/**
 * The keys to store beside the rows of a batch, from `fromRow` on; each once for a trace. The same as `keysOfSpan` gives for each
 * of them, but without a look at any row unless the batch has one of the attributes concerned.
 */
export function keysOfBatch(batch: SpanBatch, fromRow: number): TraceKey[] {
  const { meta } = batch;
  const find = (name: string): number => meta.keys.find(name);
  const trace = find(METADATA_ATTRIBUTES.trace);
  const stepFunctions = find(METADATA_ATTRIBUTES.stepFunctions);
  const request = find(REQUEST_ATTRIBUTE);
  const faas = FAAS_REQUEST_ATTRIBUTES.map(find).filter((key) => key !== -1);
  const wanted = new Set([trace, stepFunctions, request, ...faas].filter((key) => key !== -1));
  if (wanted.size === 0) return [];
  const names = REQUEST_SPAN_NAMES.map((name) => batch.name.table.find(name));
  const keys = new Keys(batch);
  for (let row = fromRow; row < batch.length; row++) {
    const end = meta.end(row);
    let any = false;
    for (let entry = meta.start(row); entry < end && !any; entry++) {
      any = wanted.has(meta.keyIndex[entry]!);
    }
    if (!any) continue;
    if (batch.source[row] === SOURCES.xray) {
      const context = contextOfTexts(textAt(row, trace), textAt(row, stepFunctions));
      if (context !== undefined) keys.add(row, 'trace', joinKey(context.traceId));
    }
    const own = names.includes(batch.name.data[row]!) ? [request] : [];
    for (const key of [...own, ...faas]) {
      const requestId = textAt(row, key) ?? '';
      if (requestId === '') continue;
      keys.add(row, 'request', requestKey(requestId));
      break;
    }
  }
  return keys.list;

  function textAt(row: number, key: number): string | undefined {
    const entry = key === -1 ? -1 : meta.entryOf(row, key);
    return entry === -1 ? undefined : meta.values.text(entry);
  }
}

/** Keys found, without repetitions within a trace. */
class Keys {
  readonly list: TraceKey[] = [];
  readonly #batch: SpanBatch;
  readonly #seen = new Set<string>();

  constructor(batch: SpanBatch) {
    this.#batch = batch;
  }

  add(row: number, kind: TraceKeyKind, key: bigint): void {
    const { traceHigh, traceLow, env, start } = this.#batch;
    const traceId = { hi: traceHigh.asBigint(row), lo: traceLow.asBigint(row) };
    const identity = `${kind} ${key} ${traceId.hi} ${traceId.lo} ${env.data[row]}`;
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.list.push({
      kind,
      key,
      traceId,
      env: env.text(row),
      start: BigInt.asIntN(64, start.asBigint(row)) as EpochNanos,
    });
  }
}
