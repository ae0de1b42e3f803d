import { isJsonObject } from '@spanloom/base';

/** A trace's documents from two places, and which of the second's are among them. */
export interface JoinedDocuments {
  readonly documents: readonly string[];
  readonly added: readonly string[];
}

/**
 * Joins documents of one trace from two places. A segment that is in both is taken from the first, unless only the second has it
 * finished.
 */
export function joinDocuments(own: readonly string[], others: readonly string[]): JoinedDocuments {
  const documents = [...own];
  const places = new Map(own.map((text, index) => [readSegment(text).id, index]));
  const added: string[] = [];
  for (const text of others) {
    const { id, finished } = readSegment(text);
    const place = places.get(id);
    if (place === undefined) documents.push(text);
    else if (finished && !readSegment(own[place]!).finished) documents[place] = text;
    else continue;
    added.push(text);
  }
  return { documents, added };
}

/** A segment's id, and whether nothing of it is still to come; what is no segment is told apart by its text. */
function readSegment(text: string): { readonly id: string; readonly finished: boolean } {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value) && typeof value['id'] === 'string') {
      const finished = value['in_progress'] !== true && typeof value['end_time'] === 'number';
      return { id: value['id'], finished };
    }
  } catch {
    // Not JSON.
  }
  return { id: text, finished: false };
}
