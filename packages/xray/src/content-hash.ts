import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { ScannedDocument } from './scan-documents.ts';

/**
 * Tells whether a trace has changed since it was last written: the same for the same documents, in whatever order they come and
 * however their numbers are rendered.
 */
export function contentHash(documents: readonly ScannedDocument[]): string {
  const parts = documents
    .map(({ parsed, text }) => (parsed === undefined ? text : canonicalJson(parsed)))
    .toSorted();
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex').slice(0, 32);
}
