/**
 * Where decoded attributes go: a span being built, or a list that many spans will inherit.
 *
 * `key` is a number of the batch's `KeyTable`. Ranges are only read during the call, unless the target says that it keeps
 * `bytes`.
 */
export interface AttributeTarget {
  text(key: number, bytes: Uint8Array, start: number, end: number): void;
  /** A 64-bit integer in two's complement words. */
  integer(key: number, high: number, low: number): void;
  double(key: number, value: number): void;
  boolean(key: number, value: boolean): void;
  /** An array or a key-value list, as JSON text. */
  json(key: number, text: string): void;
  binary(key: number, bytes: Uint8Array, start: number, end: number): void;
}
