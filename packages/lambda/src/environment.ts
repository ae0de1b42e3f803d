// The names are part of the interface: programs that configure functions import them.
export const apiKeyEnvVar = 'DD_API_KEY';
export const apiKeyKMSEnvVar = 'DD_KMS_API_KEY';
export const apiKeySecretARNEnvVar = 'DD_API_KEY_SECRET_ARN';
export const captureLambdaPayloadEnvVar = 'DD_CAPTURE_LAMBDA_PAYLOAD';
export const captureLambdaPayloadMaxDepthEnvVar = 'DD_CAPTURE_LAMBDA_PAYLOAD_MAX_DEPTH';
export const traceManagedServicesEnvVar = 'DD_TRACE_MANAGED_SERVICES';
export const siteURLEnvVar = 'DD_SITE';
export const logLevelEnvVar = 'DD_LOG_LEVEL';
export const logForwardingEnvVar = 'DD_FLUSH_TO_LOG';
export const logInjectionEnvVar = 'DD_LOGS_INJECTION';
export const enhancedMetricsEnvVar = 'DD_ENHANCED_METRICS';
export const datadogHandlerEnvVar = 'DD_LAMBDA_HANDLER';
export const lambdaTaskRootEnvVar = 'LAMBDA_TASK_ROOT';
export const mergeXrayTracesEnvVar = 'DD_MERGE_XRAY_TRACES';
export const traceExtractorEnvVar = 'DD_TRACE_EXTRACTOR';
export const encodeAuthorizerContextEnvVar = 'DD_ENCODE_AUTHORIZER_CONTEXT';
export const decodeAuthorizerContextEnvVar = 'DD_DECODE_AUTHORIZER_CONTEXT';
export const coldStartTracingEnvVar = 'DD_COLD_START_TRACING';
export const minColdStartTraceDurationEnvVar = 'DD_MIN_COLD_START_DURATION';
export const coldStartTraceSkipLibEnvVar = 'DD_COLD_START_TRACE_SKIP_LIB';
export const localTestingEnvVar = 'DD_LOCAL_TESTING';
export const addSpanPointersEnvVar = 'DD_TRACE_AWS_ADD_SPAN_POINTERS';
export const dataStreamsEnabledEnvVar = 'DD_DATA_STREAMS_ENABLED';
export const appsecEnabledEnvVar = 'DD_APPSEC_ENABLED';
export const defaultSiteURL = 'datadoghq.com';

/** The value of a variable of any name, or `fallback` if it is not set. */
export function getEnvValue(name: string, fallback: string): string {
  return process.env[name] ?? fallback;
}

/** A `DD_` variable by the rest of its name. Its `SPANLOOM_` twin wins, for functions that run both stacks. */
export function setting(name: string): string | undefined {
  return process.env[`SPANLOOM_${name}`] ?? process.env[`DD_${name}`];
}

/** A yes or no. Text that says neither counts as not set. */
export function booleanSetting(name: string, fallback: boolean): boolean {
  const text = setting(name)?.trim().toLowerCase() ?? '';
  if (/^(true|1|yes|y|on)$/.test(text)) return true;
  if (/^(false|0|no|n|off)$/.test(text)) return false;
  if (text !== '') warnOfSetting(name, text, String(fallback));
  return fallback;
}

/** A number that is not negative. */
export function numberSetting(name: string, fallback: number): number {
  const text = setting(name);
  if (text === undefined || text.trim() === '') return fallback;
  const value = Number(text);
  if (value >= 0) return value;
  warnOfSetting(name, text, String(fallback));
  return fallback;
}

/** `a:b,c:d` as pairs, split at the first colon of each. */
export function pairsSetting(name: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const part of setting(name)?.split(',') ?? []) {
    const colon = part.indexOf(':');
    const key = part.slice(0, colon).trim();
    const value = part.slice(colon + 1).trim();
    if (colon > 0 && key !== '' && value !== '') pairs.push([key, value]);
  }
  return pairs;
}

function warnOfSetting(name: string, found: string, used: string): void {
  console.warn(
    JSON.stringify({
      status: 'warning',
      message: `spanloom:Cannot read setting DD_${name}: found ${JSON.stringify(found)}, using ${used}`,
    }),
  );
}
