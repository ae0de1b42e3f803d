import { DecodeError, LimitError } from '@spanloom/base';

/** A gRPC message as framed on the wire: one flag byte, four bytes of length, the message. */
export interface GrpcMessage {
  readonly compressed: boolean;
  readonly body: Uint8Array;
}

const PREFIX_BYTES = 5;

/**
 * Takes the one message of a unary request out of its frame.
 * @throws {DecodeError} When there is not exactly one whole message.
 * @throws {LimitError} When its announced length is more than `maxBytes`.
 */
export function unframe(data: Uint8Array, maxBytes: number): GrpcMessage {
  if (data.length < PREFIX_BYTES) {
    throw new DecodeError('the gRPC frame is cut short', data.length, { reason: 'EOF' });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const flag = data[0]!;
  if (flag > 1) throw new DecodeError(`the gRPC frame has flag ${flag}`, 0);
  const length = view.getUint32(1);
  if (length > maxBytes) {
    throw new LimitError(
      `Cannot take a message of ${length} bytes: the limit is ${maxBytes}`,
      'otlp',
    );
  }
  const end = PREFIX_BYTES + length;
  if (data.length < end) {
    throw new DecodeError(`the gRPC message of ${length} bytes is cut short`, data.length, {
      reason: 'EOF',
    });
  }
  if (data.length > end) throw new DecodeError('a second message follows in a unary request', end);
  return { compressed: flag === 1, body: data.subarray(PREFIX_BYTES) };
}

/** Frames an uncompressed message. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000001,
};

/**
 * A `grpc-timeout` in milliseconds; `undefined` when absent.
 * @throws {DecodeError} When it is not at most eight digits and a unit.
 */
export function parseGrpcTimeout(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const match = typeof header === 'string' ? /^(\d{1,8})([HMSmun])$/.exec(header) : null;
  if (match === null) {
    throw new DecodeError(
      `grpc-timeout ${JSON.stringify(header)} is not digits and one of H M S m u n`,
      0,
    );
  }
  return Number(match[1]) * UNIT_MS[match[2]!]!;
}

/** Text as `grpc-message` allows it: printable ASCII without `%`, the rest percent-encoded. */
export function encodeGrpcMessage(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
