/** The service, and how it is to be. */
export { LocalXRay, type GrowthStep, type LocalXRayOptions } from './local-xray.ts';
/** One account in one region: settings, and what a reader should find. */
export type {
  Destination,
  EncryptionConfig,
  EventTime,
  Group,
  RegionState,
  SamplingRule,
} from './store/region-state.ts';
/** A compiled segment: a document, or text that was put verbatim. */
export type { CompiledSegment } from './store/compile-trace.ts';
/** Who may call, and which roles can be assumed. */
export type { AccountOptions, RoleOptions } from './wire/identities.ts';
/** Misbehaviour to order. */
export type { LostAs, RuleScope, Script, ScriptedRule } from './script.ts';
/** The two spellings of "too fast". */
export type { ThrottleSpelling } from './errors.ts';
/** What was asked of the service. */
export type { Call, CallLog } from './call-log.ts';
/** What users of this package did wrong. */
export { LocalXRayError } from './errors.ts';
/** Any JSON object. */
export type { JsonObject } from './json.ts';
