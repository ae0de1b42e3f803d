import type { RecordFormat } from '@spanloom/model';
import { unsupportedFormat } from './request-refused.ts';

/**
 * Chooses the decoder of a body.
 * @param contentType The media type in lower case without parameters, '' when absent.
 * @throws {RequestRefused} 415 when the route does not take this type.
 */
export type FormatChoice = (contentType: string, body: Uint8Array) => RecordFormat;

/** A route whose body has one format whatever the header says. */
export function always(format: RecordFormat): FormatChoice {
  return () => format;
}

/** Agent routes in JSON and msgpack. A header that says neither is settled by the first byte: see `looksLikeJson`. */
export function jsonOrMsgpack(json: RecordFormat, msgpack: RecordFormat): FormatChoice {
  return (contentType, body) => {
    if (isMsgpackType(contentType)) return msgpack;
    if (isJsonType(contentType)) return json;
    return looksLikeJson(body) ? json : msgpack;
  };
}

/** The oldest agent routes: they never took msgpack, and clients fall back to a lower version on 415. */
export function jsonOnly(format: RecordFormat): FormatChoice {
  return (contentType) => {
    if (isMsgpackType(contentType)) throw unsupportedFormat(contentType, 'application/json');
    return format;
  };
}

/** Agent routes that exist in msgpack only. */
export function msgpackOnly(format: RecordFormat): FormatChoice {
  return (contentType) => {
    if (isJsonType(contentType)) throw unsupportedFormat(contentType, 'application/msgpack');
    return format;
  };
}

/** OTLP over HTTP: the header decides and must be one of two. */
export function otlpFormat(contentType: string): RecordFormat {
  if (contentType === 'application/x-protobuf') return 'otlp-traces-protobuf';
  if (contentType === 'application/json') return 'otlp-traces-json';
  throw unsupportedFormat(contentType, 'application/x-protobuf or application/json');
}

/** The media type of a `Content-Type` header: lower case, no parameters. */
export function mediaType(header: string | undefined): string {
  if (header === undefined) return '';
  const semicolon = header.indexOf(';');
  return (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

/**
 * Whether a body is JSON rather than msgpack. A payload is an array, an object or null: as msgpack none of these
 * begins with a byte that can begin JSON (`[` and `{` would be the numbers 91 and 123).
 */
function looksLikeJson(body: Uint8Array): boolean {
  for (const byte of body) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue;
    return byte === 0x5b || byte === 0x7b || byte === 0x6e; // [ { n
  }
  return true;
}

function isMsgpackType(contentType: string): boolean {
  return contentType === 'application/msgpack' || contentType === 'application/x-msgpack';
}

function isJsonType(contentType: string): boolean {
  return contentType === 'application/json' || contentType === 'text/json';
}
