import { invalidRequest, ServiceError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';

/** Reads a body. An empty one is an empty object, which is what clients send for operations without fields. */
export function parseInput(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new ServiceError('SerializationException', 400, 'Cannot parse the request as JSON');
  }
  if (!isObject(value)) {
    throw new ServiceError('SerializationException', 400, 'Start of structure expected');
  }
  return value;
}

/** A field that must be a list of texts, of `least` to `most` entries. */
export function textList(input: JsonObject, name: string): string[] {
  const value = input[name];
  if (value === undefined || value === null) throw invalidRequest(`${name} must be specified`);
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string')) {
    throw wrongType(name, 'a list of strings');
  }
  return value as string[];
}

/** A text that may be absent. */
export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(name, 'a string');
  return value;
}

/** A number that may be absent. */
export function optionalNumber(input: JsonObject, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw wrongType(name, 'a number');
  return value;
}

/** A time in epoch seconds, as milliseconds. */
export function timeOf(input: JsonObject, name: string): number {
  const seconds = optionalNumber(input, name);
  if (seconds === undefined) throw invalidRequest(`${name} must be specified`);
  return seconds * 1000;
}

function wrongType(name: string, expected: string): ServiceError {
  return new ServiceError('SerializationException', 400, `${name} must be ${expected}`);
}
