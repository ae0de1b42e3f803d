import { noteInvocation, type Start } from './cold-start.ts';
import type { Settings } from './config.ts';
import { durableTags } from './context/durable.ts';
import { linksOfBatch } from './context/event-carriers.ts';
import { extract, type Extracted } from './context/extract.ts';
import { readStepFunctions, type StepFunctions } from './context/step-functions.ts';
import type { TraceContext } from './context/trace-context.ts';
import { contextOfXRay, readXRayHeader, type XRayHeader } from './context/xray-header.ts';
import { sendXRayMetadata } from './context/xray-subsegment.ts';
import { delegateTracing } from './delegate/delegate.ts';
import { announceRequest } from './event/appsec.ts';
import { parseFunctionArn, type FunctionArn } from './event/function-arn.ts';
import { tagPayload } from './event/payload-tags.ts';
import { functionService } from './event/service-names.ts';
import { detectTrigger, httpTags, type Trigger } from './event/trigger.ts';
import type { LambdaContext } from './handler-types.ts';
import { guard } from './log.ts';
import { isObject } from './loose.ts';
import { sendEnhanced, type EnhancedSource } from './metrics/enhanced.ts';
import { drainMetricsQueue } from './metrics/distribution.ts';
import { shared } from './shared.ts';
import { setClock } from './span/clock.ts';
import type { Tags } from './span/span.ts';
import { startServiceSpans, type ServiceSpans } from './service-spans.ts';
import { OwnTracing, type LiveSpan, type Tracing } from './tracing.ts';
import { libraryVersion } from './version.ts';

/** All that is known about one call of the handler. Nothing of it lives anywhere else, so calls at the same time stay apart. */
export class Invocation implements EnhancedSource {
  readonly settings: Settings;
  readonly event: unknown;
  readonly context: LambdaContext;
  readonly streaming: boolean;
  readonly start: Start;
  readonly fn: FunctionArn;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memorySize: string;
  readonly xray: XRayHeader | undefined;
  readonly stepFunctions: StepFunctions | undefined;
  readonly trigger: Trigger | undefined;
  /** What the trigger says about itself, as tags of the function's span. */
  readonly triggerTags: Record<string, string>;
  extracted: Extracted | undefined;
  tracing: Tracing | undefined;
  services: ServiceSpans | undefined;
  span: LiveSpan | undefined;
  /** The status of a streamed response, once its prelude is written. */
  streamedStatus: string | undefined;
  /** Set when the trace was sent before the handler ended, because its time was nearly over. */
  abandoned = false;

  constructor(settings: Settings, event: unknown, context: LambdaContext, streaming: boolean) {
    setClock();
    this.settings = settings;
    this.event = event;
    this.context = context;
    this.streaming = streaming;
    this.start = noteInvocation(Date.now());
    this.fn = parseFunctionArn(context.invokedFunctionArn);
    this.functionName = context.functionName ?? process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '';
    this.functionVersion = context.functionVersion ?? '';
    this.memorySize = context.memoryLimitInMB ?? '';
    this.xray = guard('read the X-Ray header', readXRayHeader);
    this.stepFunctions = guard('read the Step Functions context', () => readStepFunctions(event));
    this.trigger = guard('find the trigger', () => detectTrigger(event, this.fn));
    this.triggerTags = guard('describe the trigger', () => this.#describeTrigger()) ?? {};
  }

  get coldStart(): boolean {
    return this.start.cold;
  }

  get proactive(): boolean {
    return this.start.proactive;
  }

  /** Milliseconds that the function has left; unknown counts as a second. */
  remainingMs(): number {
    const left = guard('read the remaining time', () => this.context.getRemainingTimeInMillis?.());
    return typeof left === 'number' ? left : 1000;
  }

  /** Finds where the trace continues from, unless the function's own extractor knows, and opens the spans. */
  open(custom: Extracted | undefined): void {
    const { settings, event } = this;
    this.extracted =
      custom ??
      guard('extract the trace context', () =>
        extract({
          event,
          clientContext: this.context.clientContext,
          stepFunctions: this.stepFunctions,
          xray: this.xray,
          decodeAuthorizer: settings.decodeAuthorizerContext,
        }),
      );
    guard('send X-Ray metadata', () => this.#tellXRay());
    if (settings.traceEnabled) guard('start spans', () => this.#startSpans());
    guard('send the metrics of the start', () => {
      sendEnhanced(this, 'invocations');
      drainMetricsQueue(settings);
    });
  }

  /** The parent of what this invocation starts; `undefined` if it begins a trace. */
  parentContext(): TraceContext | undefined {
    const { extracted } = this;
    const counts = extracted?.source === 'event' || this.settings.mergeDatadogXrayTraces;
    return counts ? extracted?.context : undefined;
  }

  /** Where the caller is, for logs and outgoing calls: the active span, else what the invocation itself came with. */
  position(): TraceContext | undefined {
    const active = this.tracing?.active() ?? this.span?.position();
    if (active !== undefined) return active;
    const { extracted, xray } = this;
    if (extracted?.source !== 'event' || xray === undefined) return extracted?.context;
    // Without spans of ours the X-Ray segment of the function is what callees hang below.
    const { spanId } = contextOfXRay(xray);
    return spanId === 0n ? extracted.context : { ...extracted.context, spanId };
  }

  /** The span that what starts now belongs under: the innermost one of ours that the caller runs in. */
  activeSpan(): LiveSpan | undefined {
    return shared.scopes.getStore()?.span ?? this.tracing?.activeSpan?.() ?? this.span;
  }

  #describeTrigger(): Record<string, string> {
    const { trigger, event } = this;
    if (trigger === undefined || !isObject(event)) return {};
    return {
      'function_trigger.event_source': trigger.source,
      ...(trigger.arn === undefined ? {} : { 'function_trigger.event_source_arn': trigger.arn }),
      ...httpTags(trigger, event, this.settings.clientIp),
    };
  }

  #tellXRay(): void {
    const { extracted } = this;
    if (extracted?.source !== 'event') return;
    const { context } = extracted;
    if (extracted.fromStepFunctions === true) {
      sendXRayMetadata(this.xray, 'root_span_metadata', this.stepFunctions?.tags ?? {});
      return;
    }
    sendXRayMetadata(this.xray, 'trace', {
      'trace-id': String(context.traceId),
      'parent-id': String(context.spanId),
      'sampling-priority': context.priority,
    });
  }

  #startSpans(): void {
    const { settings, functionName } = this;
    const service = functionService(settings, functionName);
    const parent = this.parentContext();
    const defaults = {
      // Spans of the function's own code bear its name even where ours is called after the kind of service.
      service: settings.service ?? (functionName || service),
      env: settings.env,
      version: settings.version,
      tags: settings.tags,
      sampleRate: settings.sampleRate,
    };
    this.tracing = delegateTracing(settings.tracer, parent) ?? new OwnTracing(defaults, parent);
    this.services = guard('start spans of managed services', () => startServiceSpans(this));
    this.span = this.tracing.start('aws.lambda', this.services?.innermost, {
      service,
      resource: functionName || 'aws.lambda',
      type: 'serverless',
      tags: this.#tags(),
      links: guard('link the batch', () => [
        ...linksOfBatch(this.event, parent),
        ...(parent?.links ?? []),
      ]),
    });
    this.services?.handOver();
    if (settings.appsecEnabled) guard('announce the request', () => announceRequest(this));
    // Before the handler runs: it may change its event.
    if (settings.captureLambdaPayload) {
      guard('tag the event', () =>
        tagPayload(
          this.span!,
          'function.request',
          this.event,
          settings.captureLambdaPayloadMaxDepth,
        ),
      );
    }
  }

  #tags(): Tags {
    const { fn, functionName, extracted, settings, context } = this;
    const lowerName = functionName.toLowerCase();
    const qualifier = fn.qualifier.toLowerCase();
    return {
      'span.kind': 'server',
      cold_start: String(this.start.cold),
      function_arn: fn.arn,
      function_version: fn.qualifier === '' ? '$LATEST' : qualifier,
      request_id: context.awsRequestId ?? '',
      resource_names: functionName,
      functionname: lowerName,
      datadog_lambda: libraryVersion,
      dd_trace: libraryVersion,
      ...(this.start.proactive ? { proactive_initialization: true } : {}),
      ...(this.start.initType === undefined ? {} : { init_type: this.start.initType }),
      ...(qualifier === '' || /^(?:\d+|\$latest)$/.test(qualifier)
        ? {}
        : { function_alias: fn.qualifier }),
      ...(extracted?.source === 'event'
        ? { '_dd.parent_source': 'event' }
        : settings.mergeDatadogXrayTraces && extracted !== undefined
          ? { '_dd.parent_source': 'xray' }
          : {}),
      // In lower case, unlike the service of the span: so it is with the reference.
      service: settings.service ?? lowerName,
      '_dd.measured': 1,
      ...this.triggerTags,
      ...this.stepFunctions?.tags,
      ...durableTags(this.event),
    };
  }
}
