import { DecodeError } from '@spanloom/base';

/** `field` as a varint; nothing for zero, the default. */
export function varintField(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(field << 3), varint(value)]);
}

/** `field` as a length-delimited value: text, bytes or a message. */
export function bytesField(field: number, value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/**
 * Counts the messages at `path`, a list of field numbers from the outermost message in; at each step any of several
 * fields may match. Reads only the framing: the records themselves are not decoded.
 * @throws {DecodeError} When the framing is broken.
 */
export function countMessages(
  body: Uint8Array,
  path: readonly (readonly number[])[],
  start = 0,
  end: number = body.length,
  depth = 0,
): number {
  const wanted = path[depth] ?? [];
  let count = 0;
  let at = start;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end)
        throw new DecodeError('the message ends inside a number', at, { reason: 'EOF' });
      const byte = body[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new DecodeError('a number has more than ten bytes', at);
  };
  while (at < end) {
    const tag = readVarint();
    const wireType = tag % 8;
    if (wireType === 0) {
      readVarint();
      continue;
    }
    if (wireType !== 1 && wireType !== 2 && wireType !== 5) {
      throw new DecodeError(`wire type ${wireType} is not used`, at);
    }
    const length = wireType === 1 ? 8 : wireType === 5 ? 4 : readVarint();
    if (at + length > end) {
      throw new DecodeError(`a field of ${length} bytes is cut short`, at, { reason: 'EOF' });
    }
    if (wireType === 2 && wanted.includes(Math.floor(tag / 8))) {
      count +=
        depth === path.length - 1 ? 1 : countMessages(body, path, at, at + length, depth + 1);
    }
    at += length;
  }
  return count;
}
