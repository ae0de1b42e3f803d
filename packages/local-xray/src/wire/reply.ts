import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceError } from '../errors.ts';

/** What the answers of a service look like on the wire. */
export type Protocol = 'rest-json' | 'json-1.1' | 'query';

/** Answers with JSON. */
export function replyJson(
  response: ServerResponse,
  protocol: Protocol,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const type = protocol === 'json-1.1' ? 'application/x-amz-json-1.1' : 'application/json';
  reply(response, status, type, JSON.stringify(body), headers);
}

/** Answers with XML. */
export function replyXml(response: ServerResponse, status: number, xml: string): void {
  reply(response, status, 'text/xml', xml, {});
}

/** Answers with an error in the way of the protocol, so that clients find its name where they look for it. */
export function replyError(
  response: ServerResponse,
  protocol: Protocol,
  error: ServiceError,
): void {
  const { code, status, message } = error;
  switch (protocol) {
    case 'rest-json':
      replyJson(response, protocol, status, { message }, { 'x-amzn-errortype': code });
      return;
    case 'json-1.1':
      replyJson(response, protocol, status, { __type: code, message });
      return;
    case 'query': {
      const type = status < 500 ? 'Sender' : 'Receiver';
      replyXml(
        response,
        status,
        `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId()}</RequestId></ErrorResponse>`,
      );
    }
  }
}

/** Text for use in XML. */
export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (mark) => `&#${mark.codePointAt(0)};`);
}

/** An id as AWS gives to every request. */
export function requestId(): string {
  return crypto.randomUUID();
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

function reply(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': requestId(),
    ...headers,
  });
  response.end(text);
}
