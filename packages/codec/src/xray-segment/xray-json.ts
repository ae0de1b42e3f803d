import { isJsonObject } from '@spanloom/base';
import type { JsonReader } from '../wire/json-reader.ts';

/**
 * A number as it was written. Times must not pass through a double, which near today's epoch seconds has steps of 238 ns, and
 * annotations may have more digits than a double holds.
 */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest double. */
  get value(): number {
    return Number(this.text);
  }
}

/** JSON with its numbers as written. */
export type XRayValue =
  | string
  | boolean
  | null
  | NumberText
  | readonly XRayValue[]
  | { readonly [key: string]: XRayValue };

export type XRayObject = Readonly<Record<string, XRayValue>>;

/** Reads the value that is next. */
export function readXRayValue(reader: JsonReader): XRayValue {
  const token = reader.peek();
  switch (token) {
    case 'object': {
      const object = newObject();
      reader.enter();
      for (let first = true; reader.nextKey(first); first = false)
        object[reader.string()] = readXRayValue(reader);
      return object;
    }
    case 'array': {
      const array: XRayValue[] = [];
      reader.enter();
      for (let first = true; reader.nextElement(first); first = false)
        array.push(readXRayValue(reader));
      return array;
    }
    case 'string':
      reader.readString();
      return reader.string();
    case 'number':
      return new NumberText(reader.readNumberText());
    case 'true':
    case 'false':
      reader.readWord(token);
      return token === 'true';
    case 'null':
      reader.readWord(token);
      return null;
  }
}

/** An object to fill. Without a prototype: a sender may well name a member `__proto__`. */
export function newObject(): Record<string, XRayValue> {
  return Object.create(null) as Record<string, XRayValue>;
}

/** JSON text of a value, its numbers as they came. */
export function xrayJson(value: XRayValue): string {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${(value as readonly XRayValue[]).map(xrayJson).join(',')}]`;
  if (isXRayObject(value)) {
    const members = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${xrayJson(item)}`,
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

export function isXRayObject(value: XRayValue | undefined): value is XRayObject {
  return isJsonObject(value) && !(value instanceof NumberText);
}

const NONE: XRayObject = newObject();

/** A member that is an object; an empty one where it is missing or something else. */
export function objectAt(object: XRayObject, key: string): XRayObject {
  const value = object[key];
  return isXRayObject(value) ? value : NONE;
}

/** A member's objects where it is an array; [] otherwise. */
export function objectsAt(object: XRayObject, key: string): readonly XRayObject[] {
  const value = object[key];
  return Array.isArray(value) ? (value as readonly XRayValue[]).filter(isXRayObject) : [];
}

/** A member as text: strings as they are, numbers as written; '' for everything else. */
export function textAt(object: XRayObject, key: string): string {
  const value = object[key];
  if (typeof value === 'string') return value;
  return value instanceof NumberText ? value.text : '';
}

/** Whether a member is `true`. Some senders write `false`, most leave it out. */
export function isTrueAt(object: XRayObject, key: string): boolean {
  return object[key] === true;
}
