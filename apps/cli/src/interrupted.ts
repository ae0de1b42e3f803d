/** Somebody pressed Ctrl-C. The reason of the signal that all work is given. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
