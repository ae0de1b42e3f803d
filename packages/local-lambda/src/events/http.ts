import { asText, fullPlace, newId, type FullPlace, type Place } from './place.ts';

/** A request as a client would make it; each builder turns it into what its gateway hands to the function. */
export interface HttpRequestOptions extends Place {
  readonly method?: string;
  /** Without the query. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Bytes arrive as base64. Anything but text and bytes is sent as JSON. */
  readonly body?: unknown;
  /** Default: a name of the gateway's own. */
  readonly domainName?: string;
  readonly sourceIp?: string;
}

/** `ApiGatewayOptions` and the route that the request matched. */
export interface ApiGatewayOptions extends HttpRequestOptions {
  readonly apiId?: string;
  readonly stage?: string;
  /** With its parameters: `/orders/{id}`. Default: the path. */
  readonly route?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  /** What an authoriser has decided. */
  readonly authorizer?: unknown;
}

/** API Gateway REST API, and HTTP API with payload format 1.0. */
export function apiGatewayV1Event(options: ApiGatewayOptions = {}): Record<string, unknown> {
  const request = normalise(options);
  const { apiId = 'a1b2c3d4e5', stage = 'prod' } = options;
  const resource = options.route ?? request.path;
  return {
    resource,
    path: request.path,
    httpMethod: request.method,
    headers: orNull(single(request.headers, 'last')),
    multiValueHeaders: orNull(request.headers),
    queryStringParameters: orNull(single(request.query, 'last')),
    multiValueQueryStringParameters: orNull(request.query),
    pathParameters: options.pathParameters ?? null,
    stageVariables: null,
    requestContext: {
      accountId: request.place.accountId,
      apiId,
      ...(options.authorizer === undefined ? {} : { authorizer: options.authorizer }),
      domainName:
        options.domainName ?? `${apiId}.execute-api.${request.place.region}.amazonaws.com`,
      domainPrefix: apiId,
      extendedRequestId: 'Jk1l2m3n4o5p6q7=',
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: request.userAgent,
        userArn: null,
      },
      path: `/${stage}${request.path}`,
      protocol: 'HTTP/1.1',
      requestId: newId(),
      requestTime: gatewayTime(request.place.epochMs),
      requestTimeEpoch: request.place.epochMs,
      resourceId: 'r3s0rc',
      resourcePath: resource,
      stage,
    },
    body: request.body,
    isBase64Encoded: request.isBase64Encoded,
  };
}

/** API Gateway HTTP API with payload format 2.0. */
export function apiGatewayV2Event(options: ApiGatewayOptions = {}): Record<string, unknown> {
  const { apiId = 'a1b2c3d4e5', stage = '$default' } = options;
  const request = normalise(options);
  return formatTwo(request, {
    routeKey: options.route === undefined ? '$default' : `${request.method} ${options.route}`,
    stage,
    apiId,
    domainName: options.domainName ?? `${apiId}.execute-api.${request.place.region}.amazonaws.com`,
    pathParameters: options.pathParameters,
    authorizer: options.authorizer,
  });
}

/** Lambda function URL. */
export function functionUrlEvent(
  options: HttpRequestOptions & { readonly urlId?: string; readonly authorizer?: unknown } = {},
): Record<string, unknown> {
  const { urlId = 'abcdefghijklmnopqrstuvwxyz012345' } = options;
  const request = normalise(options);
  return formatTwo(request, {
    routeKey: '$default',
    stage: '$default',
    apiId: urlId,
    domainName: options.domainName ?? `${urlId}.lambda-url.${request.place.region}.on.aws`,
    pathParameters: undefined,
    authorizer: options.authorizer,
  });
}

/** Application Load Balancer; `multiValue` is the target group's setting for headers. */
export function loadBalancerEvent(
  options: HttpRequestOptions & {
    readonly multiValue?: boolean;
    readonly targetGroupArn?: string;
  } = {},
): Record<string, unknown> {
  const request = normalise(options);
  const { partition, region, accountId } = request.place;
  const headers = lowerCased(request.headers);
  return {
    requestContext: {
      elb: {
        targetGroupArn:
          options.targetGroupArn ??
          `arn:${partition}:elasticloadbalancing:${region}:${accountId}:targetgroup/local/0123456789abcdef`,
      },
    },
    httpMethod: request.method,
    path: request.path,
    // A balancer hands on the query as it came, still encoded.
    ...(options.multiValue === true
      ? { multiValueQueryStringParameters: encoded(request.query), multiValueHeaders: headers }
      : {
          queryStringParameters: single(encoded(request.query), 'last'),
          headers: single(headers, 'last'),
        }),
    body: request.body ?? '',
    isBase64Encoded: request.isBase64Encoded,
  };
}

/** API Gateway WebSocket API: `CONNECT`, `MESSAGE` or `DISCONNECT`. Only a connection has headers. */
export function webSocketEvent(
  options: ApiGatewayOptions & {
    readonly eventType?: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    readonly connectionId?: string;
  } = {},
): Record<string, unknown> {
  const { eventType = 'MESSAGE', apiId = 'a1b2c3d4e5', stage = 'prod' } = options;
  const request = normalise(options);
  const routes = { CONNECT: '$connect', MESSAGE: '$default', DISCONNECT: '$disconnect' };
  const connection = {
    headers: single(request.headers, 'last'),
    multiValueHeaders: request.headers,
  };
  return {
    ...(eventType === 'CONNECT' ? connection : {}),
    requestContext: {
      routeKey: options.route ?? routes[eventType],
      ...(options.authorizer === undefined ? {} : { authorizer: options.authorizer }),
      ...(eventType === 'MESSAGE' ? { messageId: 'Qabc1def2ghi3j=' } : {}),
      eventType,
      extendedRequestId: 'Jk1l2m3n4o5p6q7=',
      requestTime: gatewayTime(request.place.epochMs),
      messageDirection: 'IN',
      stage,
      connectedAt: request.place.epochMs,
      requestTimeEpoch: request.place.epochMs,
      identity: { sourceIp: request.sourceIp },
      requestId: newId(),
      domainName:
        options.domainName ?? `${apiId}.execute-api.${request.place.region}.amazonaws.com`,
      connectionId: options.connectionId ?? 'Cabc1def2ghi3j=',
      apiId,
    },
    ...(eventType === 'MESSAGE' ? { body: request.body ?? '' } : {}),
    isBase64Encoded: request.isBase64Encoded,
  };
}

interface NormalRequest {
  readonly place: FullPlace;
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string[]>;
  readonly headers: Record<string, string[]>;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly sourceIp: string;
  readonly userAgent: string | null;
}

function normalise(options: HttpRequestOptions): NormalRequest {
  const { body } = options;
  const headers = lists(options.headers);
  const binary = body instanceof Uint8Array;
  const encodedBody = binary ? Buffer.from(body).toString('base64') : asText(body ?? '');
  return {
    place: fullPlace(options),
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    path: options.path ?? '/',
    query: lists(options.query),
    headers,
    body: body === undefined ? null : encodedBody,
    isBase64Encoded: binary,
    sourceIp: options.sourceIp ?? '203.0.113.10',
    userAgent: lowerCased(headers)['user-agent']?.[0] ?? null,
  };
}

function formatTwo(
  request: NormalRequest,
  api: {
    readonly routeKey: string;
    readonly stage: string;
    readonly apiId: string;
    readonly domainName: string;
    readonly pathParameters: Readonly<Record<string, string>> | undefined;
    readonly authorizer: unknown;
  },
): Record<string, unknown> {
  const headers = single(lowerCased(request.headers), 'all');
  const { cookie, ...others } = headers;
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(request.query)) {
    for (const value of values) query.append(name, value);
  }
  const path = api.stage === '$default' ? request.path : `/${api.stage}${request.path}`;
  return {
    version: '2.0',
    routeKey: api.routeKey,
    rawPath: path,
    rawQueryString: query.toString(),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; ?/) }),
    headers: others,
    ...(Object.keys(request.query).length === 0
      ? {}
      : { queryStringParameters: single(request.query, 'all') }),
    ...(api.pathParameters === undefined ? {} : { pathParameters: api.pathParameters }),
    requestContext: {
      accountId: request.place.accountId,
      apiId: api.apiId,
      ...(api.authorizer === undefined ? {} : { authorizer: api.authorizer }),
      domainName: api.domainName,
      domainPrefix: api.domainName.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.userAgent ?? '',
      },
      requestId: newId(),
      routeKey: api.routeKey,
      stage: api.stage,
      time: gatewayTime(request.place.epochMs),
      timeEpoch: request.place.epochMs,
    },
    ...(request.body === null ? {} : { body: request.body }),
    isBase64Encoded: request.isBase64Encoded,
  };
}

type Lists = Record<string, string[]>;

function lists(record: Readonly<Record<string, string | readonly string[]>> = {}): Lists {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      typeof value === 'string' ? [value] : [...value],
    ]),
  );
}

/** One value per name: the last, or all with commas between. */
function single(record: Lists, which: 'last' | 'all'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).map(([name, values]) => [
      name,
      which === 'all' ? values.join(',') : (values.at(-1) ?? ''),
    ]),
  );
}

function lowerCased(record: Lists): Lists {
  return Object.fromEntries(
    Object.entries(record).map(([name, values]) => [name.toLowerCase(), values]),
  );
}

function encoded(record: Lists): Lists {
  return Object.fromEntries(
    Object.entries(record).map(([name, values]) => [
      encodeURIComponent(name),
      values.map((value) => encodeURIComponent(value)),
    ]),
  );
}

/** A REST API says null where there is nothing. */
function orNull<T extends object>(record: T): T | null {
  return Object.keys(record).length === 0 ? null : record;
}

/** `01/Mar/2026:10:00:00 +0000` */
function gatewayTime(epochMs: number): string {
  const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
