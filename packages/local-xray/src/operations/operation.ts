import type { JsonObject } from '../json.ts';
import type { PageTokens } from '../page-tokens.ts';
import type { Script, ScriptedCall } from '../script.ts';
import type { NumberForm } from '../store/render-document.ts';
import type { RegionState } from '../store/region-state.ts';
import type { RetrievalJobs } from './retrieval-jobs.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly call: ScriptedCall;
  readonly region: RegionState;
  readonly script: Script;
  readonly tokens: PageTokens;
  readonly retrievals: RetrievalJobs;
  readonly pageSize: number;
  readonly numbers: NumberForm | 'varying';
  readonly maxWindowMs: number | undefined;
  readonly destinationPendingMs: number;
}

/** Answers one request; throws a `ServiceError` for one that it does not take. */
export type Operation = (input: JsonObject, context: OperationContext) => JsonObject;
