import { isJsonObject } from '@spanloom/base';
import { canonicalJson } from './canonical-json.ts';

/** X-Ray's own limit for a document is 64 kB, and 204,800 characters for one of Transaction Search. */
const MAX_DOCUMENT_CHARS = 512 * 1024;
const MAX_TRACE_CHARS = 16 * 2 ** 20;
const MAX_DEPTH = 100;
const MAX_SPANS = 10_000;

/** A segment's document, and what it says. */
export interface ScannedDocument {
  readonly text: string;
  /** Undefined when the text is not a JSON object. */
  readonly parsed: Record<string, unknown> | undefined;
}

/** What a fetched trace says about itself. */
export interface DocumentScan {
  /** What is kept, in the order given. */
  readonly documents: readonly ScannedDocument[];
  /** Something of it is still to come: a part in progress, a callee or a caller that has not reported. */
  readonly open: boolean;
  /** Its last known time, ms since the epoch. */
  readonly endMs: number | undefined;
  readonly spans: number;
  /** Documents that are not JSON objects. They are kept as they are. */
  readonly malformed: number;
  /** Documents or subsegments that were left out because they pass a limit. */
  readonly truncated: number;
}

interface Facts {
  readonly ids: Set<string>;
  readonly parents: Set<string>;
  /** Calls of which a callee reports for itself. */
  readonly expected: Set<string>;
  /** Parents of segments that are not X-Ray's own guesses. */
  readonly answered: Set<string>;
  roots: number;
  inProgress: boolean;
  endSeconds: number;
  spans: number;
  cut: number;
}

/** Reads the documents of a trace, and cuts what would be too large to be handled further on. */
export function scanDocuments(texts: readonly string[]): DocumentScan {
  const facts: Facts = {
    ids: new Set(),
    parents: new Set(),
    expected: new Set(),
    answered: new Set(),
    roots: 0,
    inProgress: false,
    endSeconds: Number.NEGATIVE_INFINITY,
    spans: 0,
    cut: 0,
  };
  const documents: ScannedDocument[] = [];
  let malformed = 0;
  let truncated = 0;
  let chars = 0;
  for (const text of texts) {
    if (text.length > MAX_DOCUMENT_CHARS || chars + text.length > MAX_TRACE_CHARS) {
      truncated++;
      continue;
    }
    chars += text.length;
    const parsed = parse(text);
    if (parsed === undefined) {
      malformed++;
      documents.push({ text, parsed });
      continue;
    }
    if (facts.spans >= MAX_SPANS) {
      truncated++;
      continue;
    }
    const cutBefore = facts.cut;
    readSegment(parsed, facts);
    if (facts.cut > cutBefore) {
      markTruncated(parsed);
      documents.push({ text: canonicalJson(parsed), parsed });
    } else documents.push({ text, parsed });
  }
  const lost = truncated > 0 ? documents.findIndex(({ parsed }) => parsed !== undefined) : -1;
  if (lost !== -1) {
    const parsed = documents[lost]!.parsed!;
    markTruncated(parsed);
    documents[lost] = { text: canonicalJson(parsed), parsed };
  }
  return {
    documents,
    open: isOpen(facts),
    endMs: Number.isFinite(facts.endSeconds) ? Math.round(facts.endSeconds * 1000) : undefined,
    spans: facts.spans,
    malformed,
    truncated: truncated + facts.cut,
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readSegment(segment: Record<string, unknown>, facts: Facts): void {
  const { parent_id: parentId } = segment;
  if (typeof parentId === 'string' && parentId !== '') {
    facts.parents.add(parentId);
    if (segment['inferred'] !== true) facts.answered.add(parentId);
  } else facts.roots++;
  readPart(segment, 1, facts);
}

function readPart(part: Record<string, unknown>, depth: number, facts: Facts): void {
  facts.spans++;
  const { id, start_time: start, end_time: end } = part;
  if (typeof id === 'string') {
    facts.ids.add(id);
    if (part['traced'] === true) facts.expected.add(id);
  }
  if (part['in_progress'] === true) facts.inProgress = true;
  if (typeof start === 'number') facts.endSeconds = Math.max(facts.endSeconds, start);
  if (typeof end === 'number') facts.endSeconds = Math.max(facts.endSeconds, end);
  else if (part['in_progress'] !== false) facts.inProgress = true;
  const { subsegments } = part;
  if (!Array.isArray(subsegments)) return;
  if (depth >= MAX_DEPTH) {
    facts.cut += subsegments.length;
    delete part['subsegments'];
    return;
  }
  for (let index = 0; index < subsegments.length; index++) {
    if (facts.spans >= MAX_SPANS) {
      facts.cut += subsegments.length - index;
      subsegments.length = index;
      return;
    }
    const child: unknown = subsegments[index];
    if (isJsonObject(child)) readPart(child, depth + 1, facts);
  }
}

/** As a tag, which is what annotations become. What is marked is written by canonicalJson(), since JSON.stringify() is not for any depth. */
function markTruncated(document: Record<string, unknown>): void {
  const { annotations } = document;
  document['annotations'] = {
    ...(isJsonObject(annotations) ? annotations : {}),
    'xray.truncated': true,
  };
}

function isOpen(facts: Facts): boolean {
  if (facts.spans === 0) return false;
  if (facts.inProgress || facts.roots === 0) return true;
  for (const parent of facts.parents) if (!facts.ids.has(parent)) return true;
  for (const call of facts.expected) if (!facts.answered.has(call)) return true;
  return false;
}
