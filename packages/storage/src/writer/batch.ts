import type { BatchContents } from './batch-contents.ts';

/** Rows on their way to the database, and where the log has them. */
export interface Batch {
  readonly seq: number;
  readonly contents: BatchContents;
  readonly segment: { readonly seq: number; readonly path: string; readonly bytes: number };
}
