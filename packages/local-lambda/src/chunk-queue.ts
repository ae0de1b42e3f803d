/** Chunks of a response on their way to whoever iterates, at their own pace. Keeps all, so a late reader misses nothing. */
export class ChunkQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** All chunks so far as one. */
  concat(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (let index = 0; ;) {
      const chunk = this.#chunks[index];
      if (chunk !== undefined) {
        index += 1;
        yield chunk;
      } else if (this.#ended) return;
      else await this.#changed.promise;
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
