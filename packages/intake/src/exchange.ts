import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { IntakeParts } from './intake-parts.ts';
import type { KeyCarriers } from './ingest-keys.ts';
import type { OtlpForm } from './otlp-messages.ts';
import { encodeStatus } from './otlp-messages.ts';
import { mediaType } from './payload-format.ts';
import { grpcCodeOf, type Problem, problemBody } from './problem.ts';
import { drainBody } from './read-body.ts';
import { printablePath, queryParameter, type RequestTarget } from './request-target.ts';
import type { FixedAnswer, Route } from './route.ts';

/** The wording senders of the backend protocol know; only the status matters to them. */
const FORBIDDEN_BODY =
  '{"status":"error","code":403,"errors":["Forbidden"],"statuspage":"","twitter":"","email":""}';

/** One request on a known route, and every way to answer it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly route: Route;
  /** Media type of the request, '' when absent. */
  readonly contentType: string;
  /** Bytes of the body as sent, once it has been read. */
  wireBytes = 0;
  readonly #response: ServerResponse;
  readonly #target: RequestTarget;
  readonly #parts: IntakeParts;
  readonly #startedMs: number;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    target: RequestTarget,
    parts: IntakeParts,
  ) {
    this.request = request;
    this.route = route;
    this.contentType = mediaType(request.headers['content-type']);
    this.#response = response;
    this.#target = target;
    this.#parts = parts;
    this.#startedMs = performance.now();
  }

  /** The path as asked for, fit for messages. */
  get path(): string {
    return printablePath(this.#target.path);
  }

  get carriers(): KeyCarriers {
    return carriersOf(this.request, this.#target);
  }

  /** The form of OTLP answers: the request's own, protobuf when it has none. */
  get otlpForm(): OtlpForm {
    return this.contentType === 'application/json' ? 'json' : 'protobuf';
  }

  /** Answers, lets the rest of an unread body pass, and counts. */
  send(
    status: number,
    contentType: string | undefined,
    body: string | Uint8Array,
    extra?: OutgoingHttpHeaders,
  ): void {
    this.#parts.counters.answered(this.route.path, status, performance.now() - this.#startedMs);
    const { request } = this;
    const response = this.#response;
    if (response.destroyed || response.headersSent) return;
    const headers: OutgoingHttpHeaders = { 'content-length': Buffer.byteLength(body) };
    if (contentType !== undefined) headers['content-type'] = contentType;
    if (this.route.side === 'agent') {
      headers['datadog-agent-version'] = this.#parts.info.version;
      headers['datadog-agent-state'] = this.#parts.info.stateHash;
    } else if (this.route.side === 'otlp') {
      Object.assign(headers, this.#parts.origins.answerHeaders(request.headers));
    }
    if (extra !== undefined) Object.assign(headers, extra);
    // A client that waits for "100 Continue" may or may not send its body after another answer: start afresh.
    if (status === 408 || (!request.complete && request.headers.expect !== undefined)) {
      headers['connection'] = 'close';
    }
    response.writeHead(status, headers);
    response.end(body);
    if (!request.complete && status !== 408) drainBody(request);
  }

  sendFixed(answer: FixedAnswer): void {
    this.send(answer.status, answer.contentType, answer.body);
  }

  /** The rates, or `{}` for a client that says it has them. */
  sendRates(): void {
    const { rates } = this.#parts;
    const known = this.request.headers['datadog-rates-payload-version'];
    if (known === undefined) return this.send(200, 'application/json', rates.body);
    this.send(200, 'application/json', known === rates.version ? '{}' : rates.body, {
      'datadog-rates-payload-version': rates.version,
    });
  }

  /** A missing or wrong key. */
  sendForbidden(): void {
    this.#parts.counters.authFailed.add(1, this.route.path);
    if (this.route.side !== 'otlp') return this.send(403, 'application/json', FORBIDDEN_BODY);
    const message =
      'Cannot take the request: it carries no valid ingest key; set the dd-api-key or Authorization header';
    const { otlpForm } = this;
    this.send(401, otlpContentType(otlpForm), encodeStatus(otlpForm, 16, message), {
      'www-authenticate': 'Bearer',
    });
  }

  /** An error, in the form of the route's protocol. */
  sendProblem(problem: Problem, status: number = problem.status): void {
    const extra =
      problem.retryAfterSeconds === undefined
        ? undefined
        : { 'retry-after': String(problem.retryAfterSeconds) };
    if (this.route.side !== 'otlp') {
      return this.send(status, 'application/json', problemBody(problem), extra);
    }
    const { otlpForm } = this;
    const body = encodeStatus(
      otlpForm,
      grpcCodeOf(problem),
      problem.message,
      problem.retryAfterSeconds,
    );
    this.send(status, otlpContentType(otlpForm), body, extra);
  }
}

/** Where a request may carry a key. */
export function carriersOf(request: IncomingMessage, target: RequestTarget): KeyCarriers {
  return {
    headers: request.headers,
    pathToken: target.token,
    queryKey: queryParameter(target.query, 'api_key'),
  };
}

/** The media type of an OTLP form. */
export function otlpContentType(form: OtlpForm): string {
  return form === 'json' ? 'application/json' : 'application/x-protobuf';
}
