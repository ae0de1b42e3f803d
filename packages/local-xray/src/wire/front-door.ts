import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallLog } from '../call-log.ts';
import { ServiceError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { logsOperations, xrayOperations, type NamedOperation } from '../operations/index.ts';
import type { OperationContext } from '../operations/operation.ts';
import type { RegionState } from '../store/region-state.ts';
import { answerSts, stsOperation } from '../sts/security-token-service.ts';
import type { Caller, Identities } from './identities.ts';
import { parseInput } from './input.ts';
import { readBody, replyError, replyJson, replyXml, type Protocol } from './reply.ts';

/** What a body may have: fifty documents of 64 kB, escaped. */
const bodyLimitBytes = 8 * 1024 * 1024;

/** What every request is answered with, besides its own. */
export interface DoorParts extends Omit<OperationContext, 'call' | 'region'> {
  readonly identities: Identities;
  readonly calls: CallLog;
  readonly now: () => number;
  readonly region: (account: string, region: string) => RegionState;
}

/** A request as far as it is known before it is answered. */
interface Visit {
  readonly protocol: Protocol;
  operation: string;
  caller: Caller | undefined;
  ids: readonly string[];
}

/** Answers every request: finds out which service and operation it is for and who makes it, asks the script, writes it down. */
export class FrontDoor {
  readonly #parts: DoorParts;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visit: Visit = {
      protocol: protocolOf(request),
      operation: 'unknown',
      caller: undefined,
      ids: [],
    };
    try {
      const body = await readBody(request, bodyLimitBytes);
      if (body === undefined) {
        throw new ServiceError('RequestEntityTooLargeException', 413, 'Request is too large');
      }
      if (visit.protocol === 'query') {
        const xml = await this.#answerQuery(visit, request, body);
        this.#note(visit, undefined);
        replyXml(response, 200, xml);
      } else {
        const answer = await this.#answerJson(visit, request, body);
        this.#note(visit, undefined);
        replyJson(response, visit.protocol, 200, answer);
      }
    } catch (error) {
      this.#answerError(visit, error, request, response);
    }
  }

  async #answerJson(visit: Visit, request: IncomingMessage, body: Buffer): Promise<JsonObject> {
    const operation = operationOf(request, visit.protocol);
    visit.operation = operation.name;
    visit.caller = this.#parts.identities.callerOf(request);
    const input = parseInput(body);
    visit.ids = idsIn(input);
    const call = {
      ...visit.caller,
      operation: operation.name,
      hasToken: typeof (input['NextToken'] ?? input['nextToken']) === 'string',
    };
    await this.#obeyScript(call);
    const region = this.#parts.region(call.account, call.region);
    return operation.run(input, { ...this.#parts, call, region });
  }

  async #answerQuery(visit: Visit, request: IncomingMessage, body: Buffer): Promise<string> {
    const { identities } = this.#parts;
    const form = new URLSearchParams(body.toString());
    visit.operation = stsOperation(form);
    visit.caller = identities.callerOf(request);
    await this.#obeyScript({ ...visit.caller, operation: visit.operation, hasToken: false });
    return answerSts(form, visit.caller, identities);
  }

  async #obeyScript(call: OperationContext['call']): Promise<void> {
    const { delayMs, error } = this.#parts.script.judge(call);
    if (delayMs > 0) await delay(delayMs);
    if (error === 'reset') throw new ConnectionReset();
    if (error !== undefined) throw error;
  }

  #answerError(
    visit: Visit,
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (error instanceof ConnectionReset || request.socket.destroyed) {
      this.#note(visit, 'ConnectionReset');
      request.socket.resetAndDestroy();
      return;
    }
    const known =
      error instanceof ServiceError
        ? error
        : new ServiceError('InternalFailure', 500, `local-xray: ${String(error)}`);
    const spelled = visit.protocol === 'query' ? inQuerySpelling(known) : known;
    this.#note(visit, spelled.code);
    replyError(response, visit.protocol, spelled);
  }

  #note(visit: Visit, error: string | undefined): void {
    this.#parts.calls.add({
      at: this.#parts.now(),
      operation: visit.operation,
      account: visit.caller?.account,
      region: visit.caller?.region,
      principal: visit.caller?.principal,
      ids: visit.ids,
      error,
    });
  }
}

class ConnectionReset extends Error {}

function protocolOf(request: IncomingMessage): Protocol {
  if (request.headers['x-amz-target'] !== undefined) return 'json-1.1';
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return isForm === true ? 'query' : 'rest-json';
}

function operationOf(request: IncomingMessage, protocol: Protocol): NamedOperation {
  const operation =
    protocol === 'json-1.1'
      ? logsOperations.get(String(request.headers['x-amz-target']))
      : request.method === 'POST'
        ? xrayOperations.get(request.url?.split('?')[0] ?? '')
        : undefined;
  if (operation === undefined) {
    throw new ServiceError('UnknownOperationException', 404, `No such operation: ${request.url}`);
  }
  return operation;
}

function idsIn(input: JsonObject): readonly string[] {
  const ids = input['TraceIds'];
  return Array.isArray(ids) ? ids.filter((one) => typeof one === 'string') : [];
}

/** STS leaves off the word `Exception`, and has its own name for keys that nobody knows. */
function inQuerySpelling(error: ServiceError): ServiceError {
  const code =
    error.code === 'UnrecognizedClientException'
      ? 'InvalidClientTokenId'
      : error.code.replace(/Exception$/, '');
  return new ServiceError(code, error.status, error.message);
}
