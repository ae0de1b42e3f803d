/** What a client program says it sent: the last thing each program under `programs/` prints. */
export interface Story {
  readonly trace_id: string;
  readonly env: string;
  readonly version: string;
  /** The headers by which another program can continue the trace; absent where the program cannot pass it on. */
  readonly context?: Readonly<Record<string, string>>;
  readonly spans: readonly ToldSpan[];
}

/** One span as its program described it. Absent fields are not claimed, so they are not checked. */
export interface ToldSpan {
  readonly span_id: string;
  readonly parent_id: string | null;
  readonly name: string;
  readonly service: string;
  readonly resource: string;
  readonly type?: string;
  /** The span kind where the protocol has a field for it. */
  readonly kind?: string;
  readonly error: 0 | 1;
  readonly error_type?: string;
  readonly error_message?: string;
  /** The name before operation names are derived (OpenTelemetry only). */
  readonly otel_name?: string;
  readonly meta: Readonly<Record<string, string>>;
  /** Text tags of which only a part is known beforehand, such as stack traces. */
  readonly meta_has?: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Boolean attributes (OpenTelemetry only). */
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly links: readonly ToldLink[];
  readonly events: readonly ToldEvent[];
}

interface ToldLink {
  readonly trace_id: string;
  readonly span_id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface ToldEvent {
  readonly name: string;
  /** The attributes that must be there; a tracer may add more (a stack trace, for one). */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Finds the story in what a program printed.
 *
 * Tracers write start-up notes to stdout too, before and after, so this takes the last line that is a story.
 *
 * @throws {Error} If no line is.
 */
export function parseStory(stdout: string): Story {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const story = lines.map(parseObject).findLast((found) => 'trace_id' in found && 'spans' in found);
  if (story === undefined) {
    throw new Error(`Cannot find a story in the program's output: ${JSON.stringify(stdout)}`);
  }
  return story as Story;
}

function parseObject(line: string): object {
  try {
    return JSON.parse(line) as object;
  } catch {
    // A note of the tracer that happens to open with a brace.
    return {};
  }
}
