/** Numbers from 0 on in groups that can be joined. The lowest of a group stands for it. */
export class DisjointSets {
  readonly #above: number[];

  constructor(count: number) {
    this.#above = Array.from({ length: count }, (_, index) => index);
  }

  /** The number that stands for the group. */
  rootOf(member: number): number {
    let at = member;
    while (this.#above[at] !== at) {
      const above = this.#above[at]!;
      this.#above[at] = this.#above[above]!;
      at = above;
    }
    return at;
  }

  /** @returns the number that stands for the joined group. */
  join(a: number, b: number): number {
    const [one, two] = [this.rootOf(a), this.rootOf(b)];
    const low = Math.min(one, two);
    this.#above[Math.max(one, two)] = low;
    return low;
  }
}
