import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers with JSON, the only type that the APIs of a sandbox speak. */
export function replyJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Answers in the form that all three APIs give their errors. */
export function replyError(
  response: ServerResponse,
  status: number,
  errorType: string,
  errorMessage: string,
): void {
  replyJson(response, status, { errorType, errorMessage });
}

/** The body, or `undefined` if it has more than `limitBytes`; the rest of it is then read and dropped. */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  return size > limitBytes ? undefined : Buffer.concat(chunks);
}

/** One value of a header that may be absent. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
