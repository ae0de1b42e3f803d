import { ByteWriter } from '@spanloom/base/byte-writer';

/** Writes msgpack: the shortest form of each value, as tracers do. */
export class MsgpackWriter {
  readonly out: ByteWriter = new ByteWriter();

  nil(): void {
    this.out.u8(0xc0);
  }

  boolean(value: boolean): void {
    this.out.u8(value ? 0xc3 : 0xc2);
  }

  array(count: number): void {
    if (count < 16) this.out.u8(0x90 | count);
    else if (count < 65_536) this.#head(0xdc, count, 2);
    else this.#head(0xdd, count, 4);
  }

  map(count: number): void {
    if (count < 16) this.out.u8(0x80 | count);
    else if (count < 65_536) this.#head(0xde, count, 2);
    else this.#head(0xdf, count, 4);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.textBytes(bytes, 0, bytes.length);
  }

  /** Text that is UTF-8 already. */
  textBytes(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size < 32) this.out.u8(0xa0 | size);
    else if (size < 256) this.#head(0xd9, size, 1);
    else if (size < 65_536) this.#head(0xda, size, 2);
    else this.#head(0xdb, size, 4);
    this.out.raw(bytes.subarray(start, end));
  }

  binary(bytes: Uint8Array): void {
    if (bytes.length < 256) this.#head(0xc4, bytes.length, 1);
    else if (bytes.length < 65_536) this.#head(0xc5, bytes.length, 2);
    else this.#head(0xc6, bytes.length, 4);
    this.out.raw(bytes);
  }

  double(value: number): void {
    this.out.u8(0xcb);
    this.out.reserve(8);
    this.out.length = this.out.bytes.writeDoubleBE(value, this.out.length);
  }

  /** A whole number that a double holds exactly. */
  int(value: number): void {
    if (value >= 0 && value < 128) this.out.u8(value);
    else if (value >= -32 && value < 0) this.out.u8(value & 0xff);
    else this.bigint(BigInt(value));
  }

  /** Any integer of 64 bits, signed or not. */
  bigint(value: bigint): void {
    if (value >= 0n && value < 128n) return this.out.u8(Number(value));
    this.out.u8(value < 0n ? 0xd3 : 0xcf);
    this.out.reserve(8);
    this.out.length = this.out.bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.out.length);
  }

  #head(type: number, count: number, size: 1 | 2 | 4): void {
    this.out.u8(type);
    this.out.reserve(size);
    this.out.length = this.out.bytes.writeUIntBE(count, this.out.length, size);
  }
}
