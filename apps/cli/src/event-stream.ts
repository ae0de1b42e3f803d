/** One server-sent event. */
export interface StreamEvent {
  /** `message` where the server gives no name. */
  readonly name: string;
  readonly data: string;
  /** The last id seen, with this event or an earlier one. */
  readonly id: string | undefined;
}

/** A stream that was silent for too long: the connection is gone although nobody said so. */
export class SilentStreamError extends Error {
  override readonly name = 'SilentStreamError';
}

/**
 * Reads server-sent events.
 * @param silenceMs The server says something at least that often. @throws {SilentStreamError} If it does not.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  silenceMs: number,
): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  let name = '';
  let id: string | undefined;
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await readOrGiveUp(reader, silenceMs);
      if (done) return;
      buffer += value ?? '';
      const lines = buffer.split(/\r\n|\n|\r(?!$)/);
      buffer = lines.pop()!;
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0)
            yield { name: name === '' ? 'message' : name, data: data.join('\n'), id };
          name = '';
          data = [];
          continue;
        }
        const [, field = '', text = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (field === 'event') name = text;
        else if (field === 'data') data.push(text);
        else if (field === 'id') id = text;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function readOrGiveUp(
  reader: ReadableStreamDefaultReader<string>,
  silenceMs: number,
): Promise<{ done: boolean; value?: string | undefined }> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SilentStreamError(`No word from the server for ${silenceMs / 1000} s`)),
      silenceMs,
    );
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
