import { setTimeout as sleep } from 'node:timers/promises';
import { urlVariable } from '../floor-plan.ts';
import { ShopError } from './service.ts';

/** A service that was just replaced listens again after about half a second. */
const attempts = 4;
const firstWaitMs = 150;
const timeoutMs = 10_000;

/** The base URL of a neighbour in the same environment. */
export function addressOf(name: string): string {
  const variable = urlVariable(process.env['SHOP_ENV'] ?? 'prod', name);
  const address = process.env[variable];
  if (address === undefined) throw new Error(`Cannot find ${name}: ${variable} is not set`);
  return address;
}

/**
 * Calls a neighbour and answers its JSON.
 *
 * A neighbour that does not listen is tried again; one that answers with an error is not.
 *
 * @throws {ShopError} With the neighbour's status for a refusal (4xx), 502 for a failure, 503 when nobody listens.
 */
export async function call(service: string, request: string, body?: object): Promise<unknown> {
  const [method = 'GET', path = '/'] = request.split(' ');
  const response = await sendPatiently(service, `${addressOf(service)}${path}`, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const result: unknown = await response.json();
  if (response.ok) return result;
  const status = response.status < 500 ? response.status : 502;
  const reason = (result as { error?: string }).error ?? 'no reason given';
  throw new ShopError(status, `${service} answered ${response.status}: ${reason}`);
}

async function sendPatiently(service: string, url: string, init: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(url, init);
    } catch (cause) {
      if (attempt === attempts) {
        throw new ShopError(503, `${service} does not answer after ${attempts} attempts`, {
          cause,
        });
      }
      await sleep(firstWaitMs * attempt);
    }
  }
}
