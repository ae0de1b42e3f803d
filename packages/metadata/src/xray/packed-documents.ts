import { deflateSync, inflateSync } from 'node:zlib';

/** Documents as one short text: they repeat their keys over and over. */
export function packDocuments(documents: readonly string[]): string {
  return deflateSync(JSON.stringify(documents)).toString('base64');
}

/** What packDocuments() was given. */
export function unpackDocuments(packed: string): readonly string[] {
  return JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString()) as readonly string[];
}
