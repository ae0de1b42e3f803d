/** As a time, in ms, before X-Ray was there; as a count, more than X-Ray's numbers can be. */
const FIRST_TIME = 1e12;

/**
 * Whether a trace has grown since `known` was listed.
 *
 * X-Ray's own listings number a trace's revisions, the records of a log group have the times they came in: one says nothing about
 * the other. Where the listings have changed over between the two, the trace counts as grown.
 */
export function hasGrown(known: number, listed: number): boolean {
  return isTime(known) === isTime(listed) ? listed > known : true;
}

function isTime(revision: number): boolean {
  return revision >= FIRST_TIME;
}
