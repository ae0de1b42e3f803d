import { BadRequestError, joinKey } from '@spanloom/base';
import { SOURCES } from '@spanloom/model';
import type { StoredSpan } from '../stored-span.ts';

/** The place of one span in the order of a search. Every part but the last two is a plain number, the rest break ties. */
export interface SearchPosition {
  readonly start: bigint;
  readonly spanId: bigint;
  readonly joinKey: bigint;
  readonly service: string;
  readonly source: number;
}

export function positionOf({ span }: StoredSpan): SearchPosition {
  return {
    start: span.start,
    spanId: span.spanId,
    joinKey: joinKey(span.traceId),
    service: span.service,
    source: SOURCES[span.source],
  };
}

/** A position as opaque text. It names a span rather than a count, so spans that arrive meanwhile shift nothing. */
export function encodeCursor(position: SearchPosition): string {
  const { start, spanId, joinKey: key, service, source } = position;
  return Buffer.from(
    JSON.stringify([String(start), String(spanId), String(key), service, source]),
  ).toString('base64url');
}

/** @throws {BadRequestError} If the text is not one of our cursors. */
export function decodeCursor(text: string): SearchPosition {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(value) || value.length !== 5) throw new TypeError();
    const [start, spanId, key, service, source] = value as unknown[];
    if (typeof service !== 'string' || typeof source !== 'number') throw new TypeError();
    return {
      start: integer(start),
      spanId: integer(spanId),
      joinKey: integer(key),
      service,
      source: Number.isInteger(source) && source >= 0 && source < 128 ? source : 0,
    };
  } catch (error) {
    throw new BadRequestError(
      `Cannot read ${JSON.stringify(text.slice(0, 80))} as a cursor: take it from meta.page.after of the page before`,
      { code: 'BAD_CURSOR', cause: error },
    );
  }
}

function integer(value: unknown): bigint {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) throw new TypeError();
  const number = BigInt(value);
  if (number >= 1n << 64n) throw new TypeError();
  return number;
}
