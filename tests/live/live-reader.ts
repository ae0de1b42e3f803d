import { request, type IncomingMessage } from 'node:http';

/** One event as it came. */
export interface LiveEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  /** By this process's clock, ms. */
  readonly atMs: number;
}

/** Reads a stream of server-sent events over a connection of its own. */
export class LiveReader implements Disposable {
  readonly events: LiveEvent[] = [];
  /** Comments, which is what heartbeats are. */
  comments = 0;
  ended = false;
  readonly status: number;
  readonly #response: IncomingMessage;
  #rest = '';

  private constructor(response: IncomingMessage) {
    this.status = response.statusCode ?? 0;
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('close', () => (this.ended = true));
    response.on('error', () => (this.ended = true));
  }

  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LiveReader> {
    return new Promise((resolve, reject) => {
      // Without an agent: what ends a stream is its connection.
      const asking = request(url, { headers, agent: false }, (response) =>
        resolve(new LiveReader(response)),
      );
      asking.on('error', reject);
      asking.end();
    });
  }

  /** Ids of the spans so far, in their order. */
  get spanIds(): readonly string[] {
    return this.of('span').map(({ data }) => String(data['span_id']));
  }

  /** The id a client would come back with. */
  get lastId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  of(event: string): readonly LiveEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  /** What came that is no event: the body of an error. */
  get text(): string {
    return this.#rest;
  }

  /** Takes nothing more from the connection, until `resume`. */
  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  [Symbol.dispose](): void {
    this.#response.destroy();
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\n\n');
    this.#rest = parts.pop()!;
    for (const part of parts) this.#takeEvent(part);
  }

  #takeEvent(part: string): void {
    const fields = new Map<string, string>();
    for (const line of part.split('\n')) {
      const colon = line.indexOf(':');
      if (colon === 0) this.comments++;
      else fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
    }
    const event = fields.get('event');
    if (event === undefined) return;
    this.events.push({
      event,
      id: fields.get('id'),
      data: JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>,
      atMs: performance.now(),
    });
  }
}
