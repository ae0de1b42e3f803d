import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call that an SDK client made. */
export interface Call {
  /** `GetTraceSummaries`, `FilterLogEvents`, `AssumeRole`. */
  readonly operation: string;
  /** The JSON body, or the form of a call to STS. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The access key id that the request was signed with. */
  readonly accessKeyId: string;
  /** The region that the request was signed for. */
  readonly region: string;
}

/** What to answer: a body with 200, an error, `cut` for a connection that breaks, `silent` for one that stays open. */
export type Reply =
  | { readonly body: Readonly<Record<string, unknown>> | string }
  | { readonly status: number; readonly error: string; readonly message: string }
  | 'cut'
  | 'silent';

/** Replies by operation; a function sees the call. Operations without one succeed with an empty answer. */
export type Replies = Readonly<Record<string, Reply | ((call: Call) => Reply)>>;

/** A few calls of X-Ray, CloudWatch Logs and STS over HTTP, as their SDK clients speak. */
export class AwsEndpoint implements AsyncDisposable {
  readonly calls: Call[] = [];
  replies: Replies;
  readonly #server: Server;

  private constructor(replies: Replies) {
    this.replies = replies;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(replies: Replies = {}): Promise<AwsEndpoint> {
    const endpoint = new AwsEndpoint(replies);
    await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', () => resolve()));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The operations called, in order. */
  get operations(): string[] {
    return this.calls.map(({ operation }) => operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = readCall(request, Buffer.concat(chunks).toString());
    this.calls.push(call);
    const given = this.replies[call.operation];
    const reply = typeof given === 'function' ? given(call) : (given ?? { body: {} });
    if (reply === 'silent') return;
    if (reply === 'cut') request.socket.destroy();
    else if (FORM.has(call.operation)) answerForm(call.operation, reply, response);
    else answerJson(reply, response);
  }
}

/** Credentials as STS gives them for a role. */
export function assumedRole(accessKeyId: string, expiration: string): Reply {
  return {
    body:
      `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>` +
      `<SessionToken>session</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
  };
}

/** Who STS says the caller is. */
export function identity(account: string): Reply {
  return {
    body: `<Account>${account}</Account><Arn>arn:aws:iam::${account}:user/spanloom</Arn><UserId>AIDA</UserId>`,
  };
}

const FORM: ReadonlySet<string> = new Set(['AssumeRole', 'GetCallerIdentity']);
const PATHS: Readonly<Record<string, string>> = {
  '/TraceSummaries': 'GetTraceSummaries',
  '/Traces': 'BatchGetTraces',
  '/EncryptionConfig': 'GetEncryptionConfig',
};

function readCall(request: IncomingMessage, body: string): Call {
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '');
  const signed = { accessKeyId: scope?.[1] ?? '', region: scope?.[2] ?? '' };
  if (request.headers['content-type']?.includes('x-www-form-urlencoded')) {
    const form = Object.fromEntries(new URLSearchParams(body));
    return { operation: form['Action'] ?? '', input: form, ...signed };
  }
  const target = request.headers['x-amz-target'];
  const path = request.url ?? '';
  const operation =
    typeof target === 'string'
      ? target.slice(target.lastIndexOf('.') + 1)
      : (PATHS[path] ?? path.slice(1));
  const input = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
  return { operation, input, ...signed };
}

function answerJson(reply: Exclude<Reply, string>, response: ServerResponse): void {
  if ('error' in reply) {
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      'x-amzn-errortype': reply.error,
    });
    response.end(JSON.stringify({ __type: reply.error, message: reply.message }));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
}

function answerForm(
  operation: string,
  reply: Exclude<Reply, string>,
  response: ServerResponse,
): void {
  if ('error' in reply) {
    response.writeHead(reply.status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${reply.error}</Code><Message>${reply.message}</Message></Error></ErrorResponse>`,
    );
    return;
  }
  response.writeHead(200, { 'content-type': 'text/xml' });
  const result = typeof reply.body === 'string' ? reply.body : '';
  response.end(
    `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
  );
}
