import { DecodeError } from '@spanloom/base';

/** How a field's value is laid out. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * A cursor over protobuf bytes that makes no objects and no strings.
 *
 * A message is a range: `while (reader.next(end)) switch (reader.field) { … }`. Each case reads the value with the method
 * for its type, and every other field goes to `skip(end)`. 64-bit values are left as two words in `high` and `low`.
 */
export class ProtobufReader {
  readonly bytes: Uint8Array;
  pos: number;
  /** Number and layout of the field that `next` found. */
  field = 0;
  wire = 0;
  /** Words of the integer read last, in two's complement. */
  high = 0;
  low = 0;
  /** Range of the length-delimited value read last. */
  start = 0;
  end = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.pos = 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads the tag of the next field before `end`; false at the end. */
  next(end: number): boolean {
    if (this.pos >= end) return false;
    const at = this.pos;
    const first = this.bytes[at]!;
    if (first < 0x80) {
      this.pos++;
      this.field = first >>> 3;
      this.wire = first & 7;
    } else {
      this.#varint(end);
      this.field = (this.low >>> 3) | ((this.high & 1) << 29);
      this.wire = this.low & 7;
    }
    if (this.field === 0) throw new DecodeError('field number 0 is not protobuf', at);
    return true;
  }

  /** Reads a length-delimited value into `start` and `end`, and moves behind it. */
  readBytes(end: number): void {
    this.#expect(WIRE.bytes);
    const at = this.pos;
    this.#varint(end);
    if (this.high !== 0 || this.low > end - this.pos) throw this.#short(at, end);
    this.start = this.pos;
    this.end = this.pos += this.low;
  }

  /** Opens a nested message: the cursor is at its first field, and its end is returned. */
  enter(end: number): number {
    this.readBytes(end);
    this.pos = this.start;
    return this.end;
  }

  /** A varint field as a number: exact below 2^53, unsigned. */
  readVarint(end: number): number {
    this.#expect(WIRE.varint);
    this.#varint(end);
    return this.high * 4_294_967_296 + this.low;
  }

  /** A varint field that holds an int32. */
  readInt32(end: number): number {
    this.#expect(WIRE.varint);
    this.#varint(end);
    return this.low | 0;
  }

  /** A varint field that holds a zig-zag sint32. */
  readSint32(end: number): number {
    this.#expect(WIRE.varint);
    this.#varint(end);
    return (this.low >>> 1) ^ -(this.low & 1);
  }

  /** A 64-bit field in either layout, varint or fixed, into `high` and `low`. */
  readInt64(end: number): void {
    if (this.wire === WIRE.fixed64) {
      this.#need(8, end);
      this.low = this.#view.getUint32(this.pos, true);
      this.high = this.#view.getUint32(this.pos + 4, true);
      this.pos += 8;
      return;
    }
    this.#expect(WIRE.varint);
    this.#varint(end);
  }

  readDouble(end: number): number {
    this.#expect(WIRE.fixed64);
    this.#need(8, end);
    const value = this.#view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  readFixed32(end: number): number {
    if (this.wire === WIRE.varint) {
      this.#varint(end);
      return this.low;
    }
    this.#expect(WIRE.fixed32);
    this.#need(4, end);
    const value = this.#view.getUint32(this.pos, true);
    this.pos += 4;
    return value;
  }

  /** Text as a string: for parts that come once per payload. */
  readString(end: number): string {
    this.readBytes(end);
    return this.string();
  }

  /** The range read last as a string. */
  string(): string {
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + this.start, this.end - this.start).toString('utf8');
  }

  /** Passes over the value of the current field. */
  skip(end: number): void {
    switch (this.wire) {
      case WIRE.varint:
        this.#varint(end);
        return;
      case WIRE.fixed64:
        this.#need(8, end);
        this.pos += 8;
        return;
      case WIRE.bytes:
        this.readBytes(end);
        return;
      case WIRE.fixed32:
        this.#need(4, end);
        this.pos += 4;
        return;
      default:
        throw new DecodeError(
          `field ${this.field} has wire type ${this.wire}, which no message here uses`,
          this.pos,
        );
    }
  }

  #expect(wire: number): void {
    if (this.wire === wire) return;
    throw new DecodeError(
      `field ${this.field} has wire type ${this.wire}, expected ${wire}`,
      this.pos,
    );
  }

  #varint(end: number): void {
    const { bytes } = this;
    const at = this.pos;
    let pos = at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= end) throw this.#short(at, end);
      const byte = bytes[pos++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.pos = pos;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new DecodeError('a varint is longer than 10 bytes', at);
  }

  #need(count: number, end: number): void {
    if (count > end - this.pos) throw this.#short(this.pos, end);
  }

  #short(at: number, end: number): DecodeError {
    return end === this.bytes.length
      ? new DecodeError('the body ends inside a value', at, { reason: 'EOF' })
      : new DecodeError('a value reaches beyond its message', at);
  }
}
