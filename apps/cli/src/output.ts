import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** How a piece of text is meant; what it looks like is decided here alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong';

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', strong: 'bold' } as const;
/** Wide enough for lines in a file or a log. */
const PLAIN_WIDTH = 160;

/** A stream that may be a terminal. */
type Stream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/**
 * Where a command writes: results to standard output, everything about how it goes to standard error, so that results can be piped
 * on. Colour and moving progress only on terminals.
 */
export class Output {
  readonly #out: Stream;
  readonly #err: Stream;
  readonly #colourOut: boolean;
  readonly #colourErr: boolean;
  #progressShown = false;
  #lastPlainProgress = Number.NEGATIVE_INFINITY;

  constructor(out: Stream, err: Stream, env: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#err = err;
    this.#colourOut = wantsColour(out, env);
    this.#colourErr = wantsColour(err, env);
  }

  /** Columns of the terminal. */
  get width(): number {
    return this.#out.columns ?? PLAIN_WIDTH;
  }

  /** A line of the result. Resolves when the reader has room for more. */
  async line(text = ''): Promise<void> {
    this.#clearProgress();
    if (this.#out.write(`${text}\n`)) return;
    await new Promise((resolve) => this.#out.once('drain', resolve));
  }

  /** The result as JSON. */
  async json(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value, undefined, 2));
  }

  /** Text for the result, coloured where that is wanted. */
  tone(tone: Tone, text: string): string {
    return this.#colourOut ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }

  /** Something to know about how it goes. */
  note(text: string): void {
    this.#clearProgress();
    this.#err.write(`${text}\n`);
  }

  /** Why it does not go on. */
  problem(text: string): void {
    this.note(this.#colourErr ? styleText(STYLES.bad, text, { validateStream: false }) : text);
  }

  /** How far it is: one line that is written over on a terminal, a plain line every ten seconds elsewhere. */
  progress(text: string, nowMs: number = performance.now()): void {
    if (this.#err.isTTY === true) {
      const width = (this.#err.columns ?? 80) - 1;
      this.#err.write(`\r\u001b[2K${text.slice(0, width)}`);
      this.#progressShown = true;
      return;
    }
    if (nowMs - this.#lastPlainProgress < 10_000) return;
    this.#lastPlainProgress = nowMs;
    this.#err.write(`${text}\n`);
  }

  /** Takes the line of progress away. */
  endProgress(): void {
    this.#clearProgress();
  }

  #clearProgress(): void {
    if (!this.#progressShown) return;
    this.#err.write('\r\u001b[2K');
    this.#progressShown = false;
  }
}

/** https://no-color.org: any value that is not empty switches colour off. */
function wantsColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
