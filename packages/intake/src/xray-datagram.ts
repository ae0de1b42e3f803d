/** Why a datagram is no segment document. The names are labels of the counters. */
export type DatagramProblem =
  | 'Empty'
  | 'HeaderMissing'
  | 'HeaderNotJson'
  | 'FormatUnknown'
  | 'VersionUnknown'
  | 'DocumentMissing';

/** A datagram taken apart. */
export type ParsedDatagram =
  | { readonly ok: true; readonly document: Uint8Array }
  | { readonly ok: false; readonly problem: DatagramProblem };

const NEWLINE = 0x0a;
/** `{"format":"json","version":1}` is 29 bytes; nobody needs this many. */
const MAX_HEADER_BYTES = 1024;

/**
 * Takes apart what X-Ray SDKs send to the daemon: `{"format":"json","version":1}`, a line feed, one segment document. As in the
 * daemon itself, the first line feed counts, the format's case does not, and version 1 is the only one.
 */
export function parseDatagram(datagram: Uint8Array): ParsedDatagram {
  if (datagram.length === 0) return refused('Empty');
  const end = datagram.subarray(0, MAX_HEADER_BYTES + 1).indexOf(NEWLINE);
  if (end < 0) return refused('HeaderMissing');
  const header = parseHeader(datagram.subarray(0, end));
  if (header === undefined) return refused('HeaderNotJson');
  if (typeof header.format !== 'string' || header.format.toLowerCase() !== 'json')
    return refused('FormatUnknown');
  if (header.version !== 1) return refused('VersionUnknown');
  const document = datagram.subarray(end + 1);
  return document.every(isSpace) ? refused('DocumentMissing') : { ok: true, document };
}

function parseHeader(bytes: Uint8Array): { format?: unknown; version?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // expected: anything may arrive at an open port
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}

function refused(problem: DatagramProblem): ParsedDatagram {
  return { ok: false, problem };
}
