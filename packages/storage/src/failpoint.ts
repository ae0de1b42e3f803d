/**
 * Places in the write path where a test can have the process killed, in the order in which a payload passes them; the last
 * ones are where replaced versions are deleted.
 * See `tests/crash`.
 */
export const FAILPOINTS = [
  /** A payload is decoded and its frame waits in memory. */
  'after-append',
  /** Half of what a commit writes has been written: a torn frame. */
  'torn-write',
  /** Frames are written and not yet forced to disk. */
  'before-fsync',
  /** Frames are on disk, senders are not answered. */
  'after-fsync',
  /** A batch is closed, its block not yet made. */
  'after-seal',
  /** The block is staged. */
  'before-insert',
  /** The rows are in the first table only. */
  'between-inserts',
  /** Spans and statistics are in their tables, the keys they state are not. */
  'before-keys',
  /** The spans of a fetched trace are in their tables, and nothing says yet that they are a version of it. */
  'before-versions',
  /** The version is known, and the versions before it still count. */
  'before-supersede',
  /** The rows are in every table, the log does not say so. */
  'after-inserts',
  /** The log says that the rows are inserted. */
  'after-mark',
  /** One segment of an earlier process has been inserted, others wait. */
  'during-replay',
  /** A segment that is no longer needed is about to be deleted. */
  'before-delete',
  /** Rows of replaced versions are about to be deleted. */
  'before-sweep',
  /** They are gone from the live tier only. */
  'between-sweep-deletes',
  /** They are gone, what hid them is not. */
  'before-sweep-notes',
  /** The versions are forgotten, that they are replaced is not. */
  'between-sweep-notes',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

interface Armed {
  readonly name: string;
  passesLeft: number;
}

let armed: Armed | undefined | 'unread' = 'unread';

/**
 * Kills the process, as `kill -9` would, when `SPANLOOM_FAILPOINT` is `<name>` or `<name>:<n>` and this is the n-th time it
 * comes by. Does nothing otherwise.
 */
export function failpoint(name: Failpoint): void {
  if (armed === undefined) return;
  if (armed === 'unread') armed = readSetting(process.env['SPANLOOM_FAILPOINT']);
  if (armed?.name !== name || --armed.passesLeft > 0) return;
  process.kill(process.pid, 'SIGKILL');
}

/** Whether the process is to die at this place at all: for places that must prepare something first. */
export function isArmed(name: Failpoint): boolean {
  if (armed === 'unread') armed = readSetting(process.env['SPANLOOM_FAILPOINT']);
  return armed?.name === name && armed.passesLeft <= 1;
}

function readSetting(text: string | undefined): Armed | undefined {
  if (text === undefined || text === '') return undefined;
  const [name = '', count = '1'] = text.split(':');
  if (!(FAILPOINTS as readonly string[]).includes(name)) {
    throw new Error(
      `Cannot arm failpoint ${JSON.stringify(text)}: known are ${FAILPOINTS.join(', ')}`,
    );
  }
  return { name, passesLeft: Number(count) };
}
