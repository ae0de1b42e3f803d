import { Stage, type SceneOptions } from './scene-clock.ts';

/** What a Datadog Lambda library leaves in X-Ray for a trace that it does not record itself. */
export interface DatadogMetadataOptions extends Pick<SceneOptions, 'at' | 'seed'> {
  /** The function's trace header: its trace, and the part that the subsegment hangs below. */
  readonly trace: { readonly root: string; readonly parent: string };
  /** The context that came with the event: decimal numbers. */
  readonly traceId?: string;
  readonly parentId?: string;
  /** JavaScript writes a number, others text; Python may write `"None"`. */
  readonly samplingPriority?: number | string;
  /** What triggered the function, as the second subsegment at the end of an invocation has it. */
  readonly functionTags?: Readonly<Record<string, string>>;
}

/** A subsegment as the library sends it to the daemon: on its own, and without duration. */
export function datadogMetadata(options: DatadogMetadataOptions): Record<string, unknown> & {
  readonly id: string;
} {
  const stage = new Stage(options);
  const trace =
    options.traceId === undefined
      ? {}
      : {
          trace: {
            'trace-id': options.traceId,
            'parent-id': options.parentId,
            'sampling-priority': options.samplingPriority ?? 1,
          },
        };
  const tags =
    options.functionTags === undefined ? {} : { lambda_function_tags: options.functionTags };
  return {
    id: stage.id(`datadog-metadata ${Object.keys({ ...trace, ...tags }).join(' ')}`),
    trace_id: options.trace.root,
    parent_id: options.trace.parent,
    name: 'datadog-metadata',
    ...stage.span(0, 0),
    type: 'subsegment',
    metadata: { datadog: { ...trace, ...tags } },
  };
}
