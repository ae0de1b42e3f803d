import { isObject } from '../loose.ts';
import { failed } from '../log.ts';
import { fromExtracted, type TraceExtractor } from './custom.ts';
import { contextOfEvent } from './event-carriers.ts';
import { extractContext } from './headers.ts';
import type { StepFunctions } from './step-functions.ts';
import type { TraceContext } from './trace-context.ts';
import { contextOfXRay, type XRayHeader } from './xray-header.ts';

/** Where an invocation's trace comes from. */
export interface Extracted {
  readonly context: TraceContext;
  readonly source: 'event' | 'xray';
  /** Set if the context was made from a state machine's context object in the event itself. */
  readonly fromStepFunctions?: boolean;
}

/** Tries the sources of a context in their order: event, state machine, client context, X-Ray. */
export function extract(options: {
  readonly event: unknown;
  readonly clientContext: unknown;
  readonly stepFunctions: StepFunctions | undefined;
  readonly xray: XRayHeader | undefined;
  readonly decodeAuthorizer: boolean;
}): Extracted | undefined {
  const { event, clientContext, stepFunctions, xray } = options;
  try {
    const context = contextOfEvent(event, options.decodeAuthorizer);
    if (context !== undefined) return { context, source: 'event' };
  } catch (error) {
    failed('read the trace context of the event', error);
  }
  if (stepFunctions !== undefined) {
    return { context: stepFunctions.context, source: 'event', fromStepFunctions: true };
  }
  const custom = isObject(clientContext)
    ? (clientContext['custom'] ?? clientContext['Custom'])
    : undefined;
  if (isObject(custom)) {
    const context = extractContext(custom['_datadog']) ?? extractContext(custom);
    if (context !== undefined) return { context, source: 'event' };
  }
  return xray === undefined ? undefined : { context: contextOfXRay(xray), source: 'xray' };
}

/** Asks the function's own extractor, which may take its time; what goes wrong in it counts as no answer. */
export async function extractCustom(
  extractor: TraceExtractor,
  event: unknown,
  context: unknown,
): Promise<Extracted | undefined> {
  try {
    return fromExtracted(await extractor(event, context));
  } catch (error) {
    failed('run the custom trace extractor', error);
    return undefined;
  }
}
