// Tells whoever listens what an HTTP request said and how it was answered. We look for no attacks ourselves: the channels are those on
// which `dd-trace` waits for the requests of a function.
import { builtin } from '../builtin.ts';
import type { Invocation } from '../invocation.ts';
import { isObject, parseObject, textOf, type Loose } from '../loose.ts';

const startChannel = 'datadog:lambda:start-invocation';
const endChannel = 'datadog:lambda:end-invocation';
const bodyLimit = 1_048_576;

/** Announces the request of an invocation, or marks one that has none. */
export function announceRequest(invocation: Invocation): void {
  const { event, trigger, span } = invocation;
  const isHttp = trigger !== undefined && /^(?:rest|http|alb|url)$/.test(trigger.kind);
  if (!isHttp || !isObject(event)) {
    span?.setTag('_dd.appsec.unsupported_event_type', 1);
    return;
  }
  const headers = lowerCase(event['headers'] ?? event['multiValueHeaders']);
  const cookie = headers['cookie'];
  delete headers['cookie'];
  const request = event['requestContext'];
  const listed: unknown = event['cookies'];
  publish(startChannel, {
    span: innerOf(span),
    headers,
    method: textOf(request?.['http']?.['method'] ?? event['httpMethod']),
    path: textOf(request?.['http']?.['path'] ?? event['path']),
    query: event['multiValueQueryStringParameters'] ?? event['queryStringParameters'] ?? undefined,
    body: bodyOf(event),
    isBase64Encoded: event['isBase64Encoded'] === (true as unknown),
    clientIp: textOf(request?.['http']?.['sourceIp'] ?? request?.['identity']?.['sourceIp']),
    pathParams: event['pathParameters'] ?? undefined,
    cookies: cookiesOf(Array.isArray(listed) ? listed.join(';') : cookie),
    route: invocation.triggerTags['http.route'],
  });
}

/** Announces the answer. */
export function announceAnswer(invocation: Invocation, result: unknown): void {
  const headers = isObject(result) ? (result['headers'] ?? result['multiValueHeaders']) : undefined;
  publish(endChannel, {
    span: innerOf(invocation.span),
    statusCode: invocation.triggerTags['http.status_code'],
    responseHeaders: lowerCase(headers),
  });
}

function publish(name: string, message: object): void {
  const { channel } = builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
  channel(name).publish(message);
}

/** The other tracer's own span, where it made ours. */
function innerOf(span: object | undefined): unknown {
  return span !== undefined && 'inner' in span ? span.inner : span;
}

function lowerCase(headers: unknown): Record<string, unknown> {
  const lower: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isObject(headers) ? headers : {})) {
    lower[name.toLowerCase()] = Array.isArray(value) ? value.join(',') : value;
  }
  return lower;
}

function bodyOf(event: Loose): unknown {
  const body: unknown = event['body'];
  if (typeof body !== 'string') return undefined;
  const encoded = event['isBase64Encoded'] === (true as unknown);
  const text = encoded ? Buffer.from(body, 'base64').toString() : body;
  return parseObject(text, bodyLimit) ?? text;
}

function cookiesOf(text: unknown): Record<string, string> | undefined {
  if (typeof text !== 'string') return undefined;
  const cookies: Record<string, string> = {};
  for (const pair of text.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0) cookies[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return cookies;
}
