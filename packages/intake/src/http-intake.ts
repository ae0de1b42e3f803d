import type { DecodeOutcome } from '@spanloom/model';
import { parseContentEncoding } from './content-encoding.ts';
import { headerCount, headerFlag } from './decode-headers.ts';
import { type Exchange, otlpContentType } from './exchange.ts';
import { inflateBody } from './inflate.ts';
import type { IntakeParts } from './intake-parts.ts';
import type { Lease } from './memory-budget.ts';
import { countRecords, encodeExportResponse, notStoredMessage } from './otlp-messages.ts';
import { type FormatChoice, otlpFormat } from './payload-format.ts';
import { type Problem, toProblem } from './problem.ts';
import { declaredLength, discardBody, readBody } from './read-body.ts';
import { ANSWERS, type FixedAnswer, type Handling } from './route.ts';
import { classifySharedInput } from './shared-input.ts';

/** Telemetry types tracers send; anything else counts as `other`. */
const TELEMETRY_TYPES: ReadonlySet<string> = new Set([
  'app-started',
  'app-heartbeat',
  'app-extended-heartbeat',
  'app-dependencies-loaded',
  'app-integrations-change',
  'app-client-configuration-change',
  'app-product-change',
  'app-endpoints',
  'generate-metrics',
  'distributions',
  'sketches',
  'logs',
  'app-closing',
  'message-batch',
]);

/** What a sender says about a payload nobody could read is believed up to here. */
const MAX_ANNOUNCED_TRACES = 10_000;

/** Codes of refusals that have to do with compression. */
const INFLATE_CODES: ReadonlySet<string> = new Set([
  'BAD_COMPRESSION',
  'INFLATED_TOO_LARGE',
  'UNSUPPORTED_ENCODING',
]);

/** Carries out what a route says, for requests that may enter. Never throws: every outcome is an answer. */
export class HttpIntake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  async run(exchange: Exchange): Promise<void> {
    const lease = this.#parts.budget.lease();
    try {
      await this.#handle(exchange, exchange.route.handling, lease);
    } catch (error) {
      this.#fail(exchange, error);
    } finally {
      lease.release();
    }
  }

  async #handle(exchange: Exchange, handling: Handling, lease: Lease): Promise<void> {
    switch (handling.kind) {
      case 'traces': {
        const outcome = await this.#store(exchange, handling.format, lease);
        if (outcome !== undefined) this.#compareTraceCount(exchange, outcome);
        return reply(exchange, handling);
      }
      case 'stats': {
        const outcome = await this.#store(exchange, handling.format, lease);
        if (outcome !== undefined) this.#parts.counters.statsPayload.add(1, exchange.route.path);
        return exchange.sendFixed(handling.reply);
      }
      case 'shared-input':
        return this.#sharedInput(exchange, lease);
      case 'otlp':
        return handling.signal === 'traces'
          ? this.#otlpTraces(exchange, lease)
          : this.#otlpNotStored(exchange, handling.signal, lease);
      case 'discard':
        return this.#discard(exchange, handling.reply);
      case 'telemetry':
        return this.#telemetry(exchange, handling.reply);
      case 'info':
        return exchange.send(200, 'application/json', this.#parts.info.body);
      case 'validate':
        // A bad key was turned away at the door.
        return exchange.send(200, 'application/json', '{"valid":true}');
      case 'absent':
        return exchange.sendProblem(absent(exchange.path));
    }
  }

  /** Reads, inflates, stores. `undefined` for an empty body: a probe, not a payload. */
  async #store(
    exchange: Exchange,
    format: FormatChoice,
    lease: Lease,
  ): Promise<DecodeOutcome | undefined> {
    const body = await this.#readPayload(exchange, lease);
    return body.length === 0 ? undefined : this.#receive(exchange, format, body, lease);
  }

  #receive(
    exchange: Exchange,
    format: FormatChoice,
    body: Uint8Array,
    lease: Lease,
  ): Promise<DecodeOutcome> {
    const payload = {
      format: format(exchange.contentType, body),
      body,
      headers: exchange.request.headers,
      endpoint: exchange.route.path,
      wireBytes: exchange.wireBytes,
    };
    return this.#parts.receiver.receive(payload, lease);
  }

  async #readPayload(exchange: Exchange, lease: Lease): Promise<Uint8Array> {
    const { request, route } = exchange;
    const { limits } = route;
    const codings = parseContentEncoding(request.headers['content-encoding']);
    const length = declaredLength(request, limits.wireBytes) ?? 0;
    if (length > 0 && !lease.tryGrow(length)) await lease.grow(length);
    const wire = await readBody(request, this.#readLimits(exchange), lease, length);
    exchange.wireBytes = wire.length;
    return codings.length === 0 ? wire : inflateBody(wire, codings, limits, lease);
  }

  #readLimits({ route }: Exchange): { maxBytes: number; timeoutMs: number } {
    return { maxBytes: route.limits.wireBytes, timeoutMs: this.#parts.bodyTimeoutMs };
  }

  async #sharedInput(exchange: Exchange, lease: Lease): Promise<void> {
    const body = await this.#readPayload(exchange, lease);
    const kind = classifySharedInput(exchange.contentType, body);
    if (kind === 'traces') await this.#receive(exchange, () => 'agentless-json', body, lease);
    else this.#countNotStored(exchange);
    exchange.sendFixed(kind === 'profile' ? ANSWERS.okEmpty : ANSWERS.okObject);
  }

  async #otlpTraces(exchange: Exchange, lease: Lease): Promise<void> {
    const format = otlpFormat(exchange.contentType);
    const form = exchange.otlpForm;
    const body = await this.#readPayload(exchange, lease);
    // No bytes are a valid empty message in protobuf, and nothing at all in JSON.
    const outcome =
      body.length === 0 && form === 'protobuf'
        ? undefined
        : await this.#receive(exchange, () => format, body, lease);
    const rejected = outcome?.rejectedSpans ?? 0;
    this.#parts.counters.otlpRejected.add(rejected, 'traces', 'InvalidSpan');
    const partial =
      outcome === undefined || rejected === 0
        ? undefined
        : { rejected, message: outcome.rejectedMessage };
    exchange.send(200, otlpContentType(form), encodeExportResponse('traces', form, partial));
  }

  async #otlpNotStored(
    exchange: Exchange,
    signal: 'logs' | 'metrics',
    lease: Lease,
  ): Promise<void> {
    otlpFormat(exchange.contentType);
    const form = exchange.otlpForm;
    const body = await this.#readPayload(exchange, lease);
    const rejected = countRecords(signal, form, body);
    this.#parts.counters.otlpRejected.add(rejected, signal, 'NotStored');
    if (rejected > 0) this.#countNotStored(exchange);
    const partial = rejected === 0 ? undefined : { rejected, message: notStoredMessage(signal) };
    exchange.send(200, otlpContentType(form), encodeExportResponse(signal, form, partial));
  }

  async #discard(exchange: Exchange, answer: FixedAnswer): Promise<void> {
    declaredLength(exchange.request, exchange.route.limits.wireBytes);
    exchange.wireBytes = await discardBody(exchange.request, this.#readLimits(exchange));
    // Remote configuration is answered, not kept back: there is nothing to store in a poll.
    if (exchange.wireBytes > 0 && exchange.route.path !== '/v0.7/config')
      this.#countNotStored(exchange);
    exchange.sendFixed(answer);
  }

  async #telemetry(exchange: Exchange, answer: FixedAnswer): Promise<void> {
    const type = String(exchange.request.headers['dd-telemetry-request-type'] ?? '');
    this.#parts.counters.telemetry.add(1, TELEMETRY_TYPES.has(type) ? type : 'other');
    try {
      await discardBody(exchange.request, this.#readLimits(exchange));
    } catch (error) {
      this.#countRefusal(exchange, toProblem(error));
    }
    exchange.sendFixed(answer);
  }

  #countNotStored({ route, wireBytes }: Exchange): void {
    this.#parts.counters.acceptedNotStored.add(1, route.path);
    this.#parts.counters.acceptedNotStoredBytes.add(wireBytes, route.path);
  }

  #compareTraceCount({ request, route }: Exchange, outcome: DecodeOutcome): void {
    const announced = request.headers['x-datadog-trace-count'];
    if (announced === undefined) return;
    let found = outcome.traces;
    for (const reason in outcome.droppedTraces) found += outcome.droppedTraces[reason]!;
    if (headerCount(announced) !== found)
      this.#parts.counters.traceCountMismatch.add(1, route.path);
  }

  #fail(exchange: Exchange, error: unknown): void {
    const problem = toProblem(error);
    this.#countRefusal(exchange, problem);
    if (problem.kind === 'gone') return;
    if (problem.kind === 'internal') {
      this.#parts.options.reportError(error, `taking a payload on ${exchange.route.path}`);
    }
    if (problem.kind !== 'overloaded' || exchange.route.side !== 'agent') {
      return exchange.sendProblem(problem);
    }
    // Old tracers would drop the payload on any status, some after retrying at once: they get a quiet 200.
    const { handling } = exchange.route;
    const knows429 =
      (handling.kind === 'traces' && handling.knows429 === true) ||
      headerFlag(exchange.request.headers['datadog-send-real-http-status']);
    if (knows429) exchange.sendProblem(problem, 429);
    else if (handling.kind === 'traces' || handling.kind === 'stats') reply(exchange, handling);
    else exchange.sendProblem(problem);
  }

  #countRefusal({ route, request }: Exchange, { kind, code, reason }: Problem): void {
    const { counters } = this.#parts;
    if (kind === 'gone') {
      counters.clientGone.add(1, route.path);
    } else if (kind === 'overloaded') {
      counters.payloadRefused.add(1, route.path, reason);
    } else {
      counters.requestsRefused.add(1, route.path, reason);
    }
    if (INFLATE_CODES.has(code)) counters.inflateRejected.add(1, reason);
    if (route.handling.kind === 'traces' && kind !== 'overloaded') {
      const announced = headerCount(request.headers['x-datadog-trace-count']) || 1;
      counters.tracesDropped.add(Math.min(announced, MAX_ANNOUNCED_TRACES), reason);
    }
    if (route.handling.kind === 'otlp') counters.otlpRejected.add(1, route.handling.signal, reason);
  }
}

function reply(exchange: Exchange, handling: Handling & { kind: 'traces' | 'stats' }): void {
  if (handling.reply === 'rates') exchange.sendRates();
  else exchange.sendFixed(handling.reply);
}

function absent(path: string): Problem {
  return {
    kind: 'refused',
    status: 404,
    code: 'NO_SUCH_ROUTE',
    message: `There is no ${path} here`,
    details: undefined,
    reason: 'BadRequest',
    retryAfterSeconds: undefined,
  };
}
