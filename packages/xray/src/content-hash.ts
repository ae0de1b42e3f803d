import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { ScannedDocument } from './scan-documents.ts';

/**
 * What is made of documents. To be raised by one whenever the same documents give other spans than before (a tag more, a time read
 * otherwise, another cut): a trace that is fetched again then counts as changed and is written anew. Not for what leaves spans alone.
 */
const FORMAT = 1;

/**
 * Tells whether a trace has changed since it was last written: the same for the same documents, in whatever order they come and
 * however their numbers are rendered, as long as what is made of them is the same too.
 */
export function contentHash(
  documents: readonly ScannedDocument[],
  format: number = FORMAT,
): string {
  const parts = documents
    .map(({ parsed, text }) => (parsed === undefined ? text : canonicalJson(parsed)))
    .toSorted();
  const hash = createHash('sha256').update(`${format}\n`);
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex').slice(0, 32);
}
