const ROOM_BYTES = 2 ** 20;

/** Fields of one server-sent event. */
export interface SseEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** An event as its text on the wire. JSON has no line breaks outside of its texts, so one data line holds it. */
export function formatEvent({ event, id, data }: SseEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/**
 * The body of a stream of events. What the reader has not taken waits here; who writes looks at `room` first, because there is
 * no other bound.
 */
export class SseBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #waiting: string[] = [];
  #length = 0;
  #state: 'open' | 'ended' | 'gone' = 'open';
  #wake: () => void = () => undefined;

  /**
   * @param events `gone` is called when the reader leaves, `room` when it took what waited.
   */
  constructor(events: { readonly gone: () => void; readonly room: () => void }) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          while (this.#waiting.length === 0 && this.#state === 'open') {
            await new Promise<void>((resolve) => (this.#wake = resolve));
          }
          if (this.#state === 'gone') return;
          if (this.#waiting.length === 0) {
            controller.close();
            return;
          }
          const text = this.#waiting.join('');
          this.#waiting = [];
          this.#length = 0;
          controller.enqueue(this.#encoder.encode(text));
          events.room();
        },
        cancel: () => {
          this.#state = 'gone';
          this.#waiting = [];
          this.#wake();
          events.gone();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Characters that may be written before the reader takes some; below zero when more than that waits. */
  get room(): number {
    return ROOM_BYTES - this.#length;
  }

  write(text: string): void {
    if (this.#state !== 'open') return;
    this.#waiting.push(text);
    this.#length += text.length;
    this.#wake();
  }

  /** No more will be written: the reader gets what waits, and then the end. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake();
  }
}
