import {
  booleanSetting,
  defaultSiteURL,
  numberSetting,
  pairsSetting,
  setting,
} from './environment.ts';
import type { TraceExtractor } from './context/custom.ts';
import type { Logger } from './log.ts';

/** What can be set in code. An option given here wins over its variable; an empty text leaves the variable its say. */
export interface Config {
  apiKey: string;
  apiKeyKMS: string;
  apiKeySecretARN: string;
  siteURL: string;
  /** Put trace headers on outgoing HTTP calls when no tracer runs. */
  autoPatchHTTP: boolean;
  captureLambdaPayload: boolean;
  captureLambdaPayloadMaxDepth: number;
  /** Spans for the managed service that caused the invocation. */
  createInferredSpan: boolean;
  encodeAuthorizerContext: boolean;
  decodeAuthorizerContext: boolean;
  debugLogging: boolean;
  enhancedMetrics: boolean;
  /** Wrap a handler again that is wrapped already. */
  forceWrap: boolean;
  injectLogContext: boolean;
  /** Print metrics instead of sending them. */
  logForwarding: boolean;
  logger: Logger | undefined;
  mergeDatadogXrayTraces: boolean;
  shouldRetryMetrics: boolean;
  /** Milliseconds; modules that took less to load get no span. */
  minColdStartTraceDuration: number;
  coldStartTraceSkipLib: string;
  localTesting: boolean;
  addSpanPointers: boolean;
  dataStreamsEnabled: boolean;
  appsecEnabled: boolean;
  traceExtractor: TraceExtractor | undefined;
}

/** What holds when neither code nor environment says anything. */
export const defaultConfig: Config = {
  apiKey: '',
  apiKeyKMS: '',
  apiKeySecretARN: '',
  siteURL: '',
  autoPatchHTTP: true,
  captureLambdaPayload: false,
  captureLambdaPayloadMaxDepth: 10,
  createInferredSpan: true,
  encodeAuthorizerContext: true,
  decodeAuthorizerContext: true,
  debugLogging: false,
  enhancedMetrics: true,
  forceWrap: false,
  injectLogContext: true,
  logForwarding: false,
  logger: undefined,
  mergeDatadogXrayTraces: false,
  shouldRetryMetrics: false,
  minColdStartTraceDuration: 3,
  coldStartTraceSkipLib: '',
  localTesting: false,
  addSpanPointers: true,
  dataStreamsEnabled: false,
  appsecEnabled: false,
  traceExtractor: undefined,
};

/** Options and variables together: what one wrapped handler works with. */
export interface Settings extends Config {
  readonly traceEnabled: boolean;
  readonly coldStartTracing: boolean;
  /** Module names and files without spans of their own. */
  readonly skipModules: ReadonlySet<string>;
  readonly service: string | undefined;
  readonly env: string | undefined;
  readonly version: string | undefined;
  readonly tags: readonly (readonly [string, string])[];
  readonly serviceMapping: ReadonlyMap<string, string>;
  /** Name spans of managed services after the resource, not after the kind of service. */
  readonly serviceRepresentation: boolean;
  readonly fips: boolean;
  /** How long before the time limit a trace is given up for lost and sent as it is. */
  readonly flushDeadlineMs: number;
  readonly timeoutDetection: boolean;
  readonly sampleRate: number | undefined;
  /** Tag spans with the address of the client. */
  readonly clientIp: boolean;
  /** Whose spans: found out, or as told. */
  readonly tracer: string;
}

/** Reads the environment once; a variable that changes later is not seen. */
export function readSettings(options: Partial<Config> = {}): Settings {
  const given: Partial<Config> = {};
  for (const [key, value] of Object.entries(options) as [keyof Config, never][]) {
    if (value !== undefined && value !== '') given[key] = value;
  }
  const skip = given.coldStartTraceSkipLib ?? setting('COLD_START_TRACE_SKIP_LIB') ?? '';
  const rate = numberSetting('TRACE_SAMPLE_RATE', NaN);
  return {
    ...defaultConfig,
    apiKey: setting('API_KEY') ?? '',
    apiKeyKMS: setting('KMS_API_KEY') ?? '',
    apiKeySecretARN: setting('API_KEY_SECRET_ARN') ?? '',
    siteURL: setting('SITE') ?? defaultSiteURL,
    captureLambdaPayload: booleanSetting('CAPTURE_LAMBDA_PAYLOAD', false),
    captureLambdaPayloadMaxDepth: numberSetting('CAPTURE_LAMBDA_PAYLOAD_MAX_DEPTH', 10),
    createInferredSpan: booleanSetting('TRACE_MANAGED_SERVICES', true),
    encodeAuthorizerContext: booleanSetting('ENCODE_AUTHORIZER_CONTEXT', true),
    decodeAuthorizerContext: booleanSetting('DECODE_AUTHORIZER_CONTEXT', true),
    debugLogging: setting('LOG_LEVEL')?.toLowerCase() === 'debug',
    enhancedMetrics: booleanSetting('ENHANCED_METRICS', true),
    injectLogContext: booleanSetting('LOGS_INJECTION', true),
    logForwarding: booleanSetting('FLUSH_TO_LOG', false),
    mergeDatadogXrayTraces: booleanSetting('MERGE_XRAY_TRACES', false),
    minColdStartTraceDuration: numberSetting('MIN_COLD_START_DURATION', 3),
    localTesting: booleanSetting('LOCAL_TESTING', false),
    addSpanPointers: booleanSetting('TRACE_AWS_ADD_SPAN_POINTERS', true),
    dataStreamsEnabled: booleanSetting('DATA_STREAMS_ENABLED', false),
    appsecEnabled: booleanSetting('APPSEC_ENABLED', false),
    ...given,
    traceEnabled: booleanSetting('TRACE_ENABLED', true),
    coldStartTracing: booleanSetting('COLD_START_TRACING', true),
    skipModules: new Set(skip.split(',').map((name) => name.trim())),
    service: setting('SERVICE')?.trim() || undefined,
    env: setting('ENV')?.trim() || undefined,
    version: setting('VERSION')?.trim() || undefined,
    tags: pairsSetting('TAGS'),
    serviceMapping: new Map(
      pairsSetting('SERVICE_MAPPING').filter(([from, to]) => from !== to && !to.includes(':')),
    ),
    serviceRepresentation: booleanSetting('TRACE_AWS_SERVICE_REPRESENTATION_ENABLED', true),
    fips: booleanSetting(
      'LAMBDA_FIPS_MODE',
      process.env['AWS_REGION']?.startsWith('us-gov-') === true,
    ),
    flushDeadlineMs: numberSetting('APM_FLUSH_DEADLINE_MILLISECONDS', 100),
    timeoutDetection: !/\blambda\b/.test(setting('TRACE_DISABLED_INSTRUMENTATIONS') ?? ''),
    sampleRate: rate <= 1 ? rate : undefined,
    clientIp: booleanSetting('TRACE_CLIENT_IP_ENABLED', false),
    tracer: process.env['SPANLOOM_TRACER'] ?? 'auto',
  };
}
