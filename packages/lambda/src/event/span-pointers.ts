// Two spans that touched the same object or item, in different traces, find each other by a hash of its name and state.
import { sha256 } from '../sha256.ts';
import type { SpanLink } from '../context/trace-context.ts';
import { isObject, textOf, type Loose } from '../loose.ts';

const recordLimit = 100;

/** The first 32 hex digits of the SHA-256 of the parts. */
export function pointerHash(parts: readonly (string | Uint8Array)[]): string {
  const hash = sha256();
  for (const [index, part] of parts.entries()) {
    if (index > 0) hash.update('|');
    hash.update(part);
  }
  return hash.digest('hex').slice(0, 32);
}

/** Links to whoever wrote the objects or items that a batch is about. */
export function spanPointers(event: Loose): SpanLink[] {
  const records: unknown = event['Records'];
  if (!Array.isArray(records) || !isObject(records[0])) return [];
  const isS3 = 's3' in records[0];
  if (!isS3 && !('dynamodb' in records[0])) return [];
  const links: SpanLink[] = [];
  for (const record of (records as (Loose | undefined)[]).slice(0, recordLimit)) {
    const hashes = isS3 ? objectHashes(record) : itemHashes(record);
    for (const hash of hashes) {
      links.push(linkOf(isS3 ? 'aws.s3.object' : 'aws.dynamodb.item', 'u', hash));
    }
  }
  return links;
}

/** A link that names no span, only what the other one must have touched. `d` is written by who made it, `u` by who reacts. */
export function pointerLink(
  kind: string,
  direction: 'u' | 'd',
  parts: readonly (string | Uint8Array)[],
): SpanLink {
  return linkOf(kind, direction, pointerHash(parts));
}

function linkOf(kind: string, direction: 'u' | 'd', hash: string): SpanLink {
  return {
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    attributes: {
      'ptr.kind': kind,
      'ptr.dir': direction,
      'ptr.hash': hash,
      'link.kind': 'span-pointer',
    },
  };
}

function objectHashes(record: Loose | undefined): string[] {
  const bucket = textOf(record?.['s3']?.['bucket']?.['name']);
  const key = textOf(record?.['s3']?.['object']?.['key']);
  const etag = textOf(record?.['s3']?.['object']?.['eTag'])?.replaceAll(/^"|"$/g, '');
  if (!textOf(record?.['eventName'])?.startsWith('ObjectCreated')) return [];
  if (bucket === undefined || key === undefined || etag === undefined) return [];
  const hashes = [pointerHash([bucket, key, etag])];
  // Events have the key encoded, whoever wrote the object hashed it plain.
  const plain = decodeKey(key);
  if (plain !== key) hashes.push(pointerHash([bucket, plain, etag]));
  return hashes;
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

function itemHashes(record: Loose | undefined): string[] {
  if (!/^(?:INSERT|MODIFY|REMOVE)$/.test(textOf(record?.['eventName']) ?? '')) return [];
  const table = textOf(record?.['eventSourceARN'])?.split('/')[1];
  const keys = record?.['dynamodb']?.['Keys'];
  const parts = itemParts(table, keys);
  if (parts === undefined) return [];
  const hash = pointerHash(parts);
  // Streams have binary keys as base64, writers hash their bytes.
  const bytes = parts.map((part, index) => {
    const isBinary = index % 2 === 0 && index > 0 && keys?.[parts[index - 1] as string]?.['B'];
    return isBinary ? Buffer.from(part as string, 'base64') : part;
  });
  const ofBytes = pointerHash(bytes);
  return hash === ofBytes ? [hash] : [hash, ofBytes];
}

/** What names an item, for its hash: the table, then its one or two keys by name. `undefined` if there are more or none. */
export function itemParts(table: unknown, keys: unknown): (string | Uint8Array)[] | undefined {
  if (typeof table !== 'string' || !isObject(keys)) return undefined;
  const parts: (string | Uint8Array)[] = [table];
  for (const name of Object.keys(keys).toSorted()) {
    const value: unknown = keys[name]?.['S'] ?? keys[name]?.['N'] ?? keys[name]?.['B'];
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined;
    parts.push(name, value);
  }
  if (parts.length === 3) parts.push('', '');
  return parts.length === 5 ? parts : undefined;
}
