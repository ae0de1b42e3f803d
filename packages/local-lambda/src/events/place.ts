import { randomUUID } from 'node:crypto';
import { partitionOf } from '../partition.ts';

/** Where and when an event happened. Every builder takes these, and fills in what is left out. */
export interface Place {
  readonly region?: string;
  readonly accountId?: string;
  readonly epochMs?: number;
}

/** A `Place` with its defaults. */
export interface FullPlace {
  readonly region: string;
  readonly accountId: string;
  readonly epochMs: number;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
}

export function fullPlace(place: Place): FullPlace {
  const region = place.region ?? 'eu-west-1';
  return {
    region,
    accountId: place.accountId ?? '123456789012',
    epochMs: place.epochMs ?? Date.now(),
    partition: partitionOf(region),
  };
}

/** A request or message id. */
export function newId(): string {
  return randomUUID();
}

/** Text as it is, anything else as JSON. */
export function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
