// The runtime that a function gets when no other is named: asks the Runtime API for events and calls a Node handler with them.
// AWS's own client does the same; this one saves its native build.
import { get, request, type IncomingHttpHeaders } from 'node:http';
import { installConsole } from './framed-console.ts';
import { loadHandler, type Handler } from './load-handler.ts';
import { httpResponseStream, openStreamedResponse, streamingMark } from './response-stream.ts';

const api = `http://${process.env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime`;
const frameFd = process.env['_LAMBDA_TELEMETRY_LOG_FD'];
delete process.env['_LAMBDA_TELEMETRY_LOG_FD'];
let currentRequestId: string | undefined;

installConsole(() => currentRequestId, frameFd === undefined ? undefined : Number(frameFd));
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) =>
      Object.assign(handler, { [streamingMark]: 'response' }),
    HttpResponseStream: { from: httpResponseStream },
  },
});

await run();

async function run(): Promise<void> {
  let handler: Handler;
  try {
    const root = process.env['LAMBDA_TASK_ROOT'] ?? process.cwd();
    handler = await loadHandler(root, process.env['_HANDLER'] ?? '');
  } catch (error) {
    console.error('Uncaught Exception\t', JSON.stringify(describe(error)));
    await post(`${api}/init/error`, error);
    process.exit(1);
  }
  // Both end the process, as on Lambda: what comes after an unknown error cannot be trusted.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => void giveUp(error));
  }
  for (;;) await handleNext(handler);
}

async function giveUp(thrown: unknown): Promise<void> {
  console.error(JSON.stringify(describe(thrown)));
  const id = currentRequestId;
  await post(`${api}/${id === undefined ? 'init/error' : `invocation/${id}/error`}`, thrown).catch(
    () => undefined,
  );
  process.exit(129);
}

async function handleNext(handler: Handler): Promise<void> {
  const { headers, body } = await next();
  const requestId = header(headers, 'lambda-runtime-aws-request-id') ?? '';
  currentRequestId = requestId;
  const traceHeader = header(headers, 'lambda-runtime-trace-id');
  if (traceHeader === undefined) delete process.env['_X_AMZN_TRACE_ID'];
  else process.env['_X_AMZN_TRACE_ID'] = traceHeader;
  const url = `${api}/invocation/${requestId}`;
  const event = JSON.parse(body) as unknown;
  const context = contextOf(headers, requestId);
  if ((handler as { [streamingMark]?: unknown })[streamingMark] === 'response') {
    await runStreaming(handler, event, context, url);
    return;
  }
  try {
    const result = await call(handler, event, context);
    await post(`${url}/response`, result);
  } catch (error) {
    console.error('Invoke Error\t', JSON.stringify(describe(error)));
    await post(`${url}/error`, error, true);
  }
}

function call(handler: Handler, event: unknown, context: object): unknown {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error: unknown, result: unknown) =>
      error === undefined || error === null ? resolve(result) : reject(error),
    );
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}

async function runStreaming(
  handler: Handler,
  event: unknown,
  context: object,
  url: string,
): Promise<void> {
  const response = openStreamedResponse(`${url}/response`);
  try {
    await handler(event, response.stream, context);
    if (!response.stream.writableEnded) response.stream.end();
  } catch (error) {
    const described = describe(error);
    console.error('Invoke Error\t', JSON.stringify(described));
    // Bytes written in the same turn have not left yet.
    await new Promise((resolve) => setImmediate(resolve));
    if (!response.started()) {
      await post(`${url}/error`, error, true);
      return;
    }
    response.fail(described.errorType, JSON.stringify(described));
  }
  await response.sent;
}

function contextOf(headers: IncomingHttpHeaders, awsRequestId: string): object {
  const deadline = Number(header(headers, 'lambda-runtime-deadline-ms'));
  return {
    awsRequestId,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    invokedFunctionArn: header(headers, 'lambda-runtime-invoked-function-arn'),
    clientContext: parse(header(headers, 'lambda-runtime-client-context')),
    identity: parse(header(headers, 'lambda-runtime-cognito-identity')),
    tenantId: header(headers, 'lambda-runtime-aws-tenant-id'),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function next(): Promise<{ headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    get(`${api}/invocation/next`, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    }).once('error', reject);
  });
}

/** Posts a result, or an error if the URL is one for errors. */
function post(url: string, value: unknown, traced = false): Promise<void> {
  const failed = url.endsWith('/error');
  const described = failed ? describe(value) : undefined;
  // A result that JSON cannot hold (`undefined`, a function) is null to the caller.
  const body = JSON.stringify(described ?? value) ?? 'null';
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  if (described !== undefined) headers['lambda-runtime-function-error-type'] = described.errorType;
  if (described !== undefined && traced) {
    headers['lambda-runtime-function-xray-error-cause'] = JSON.stringify({
      working_directory: process.cwd(),
      exceptions: [{ type: described.errorType, message: described.errorMessage, stack: [] }],
      paths: [],
    }).replaceAll(/[^\x20-\x7e]/g, '?');
  }
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      response.once('end', () => resolve());
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

function describe(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (error instanceof Error) {
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: error.stack?.split('\n') ?? [],
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
