import { unsupportedEncoding } from './request-refused.ts';

/** A compression we can undo. */
export type Coding = 'gzip' | 'deflate' | 'zstd';

const CODINGS = new Map<string, Coding | 'identity'>([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
]);

/** More layers than any sender uses; each one is another chance to multiply a body. */
const MAX_LAYERS = 3;
const NONE: readonly Coding[] = [];

/**
 * The codings to undo, first to undo first: a `Content-Encoding` list names them in the order they were applied.
 * `identity`, which the log forwarder sends as it stands, and empty entries count for nothing.
 * @throws {RequestRefused} 415 for a name we do not know.
 */
export function parseContentEncoding(header: string | undefined): readonly Coding[] {
  if (header === undefined) return NONE;
  const codings: Coding[] = [];
  for (const entry of header.split(',')) {
    const name = entry.trim().toLowerCase();
    const coding = CODINGS.get(name);
    if (coding === undefined) throw unsupportedEncoding(name);
    if (coding !== 'identity') codings.push(coding);
  }
  if (codings.length > MAX_LAYERS) throw unsupportedEncoding(header);
  return codings.toReversed();
}
