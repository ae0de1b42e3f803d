import { ByteWriter } from '@spanloom/base/byte-writer';
import { WIRE } from './protobuf-reader.ts';

/** Writes protobuf fields. Zero and empty values are left out, as proto3 does, unless a method says otherwise. */
export class ProtobufWriter {
  readonly out: ByteWriter = new ByteWriter();

  string(field: number, value: string): void {
    if (value !== '') this.always(field, value);
  }

  /** Text that is written even when empty: elements of a list, map keys, a chosen `oneof` branch. */
  always(field: number, value: string): void {
    this.tag(field, WIRE.bytes);
    this.out.text(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.tag(field, WIRE.bytes);
    this.out.varint(value.length);
    this.out.raw(value);
  }

  /** An unsigned or int32/int64 varint. */
  integer(field: number, value: bigint | number): void {
    if (value != 0) this.integerAlways(field, value);
  }

  integerAlways(field: number, value: bigint | number): void {
    this.tag(field, WIRE.varint);
    if (typeof value === 'number' && value >= 0) return this.out.varint(value);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.out.u8(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.out.u8(Number(rest));
  }

  boolean(field: number, value: boolean): void {
    if (value) this.integerAlways(field, 1);
  }

  double(field: number, value: number): void {
    this.tag(field, WIRE.fixed64);
    this.out.reserve(8);
    this.out.length = this.out.bytes.writeDoubleLE(value, this.out.length);
  }

  fixed64(field: number, value: bigint): void {
    this.tag(field, WIRE.fixed64);
    this.out.reserve(8);
    this.out.length = this.out.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.out.length);
  }

  fixed32(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, WIRE.fixed32);
    this.out.u32(value);
  }

  /** A nested message: what `write` writes goes inside it. */
  message(field: number, write: () => void): void {
    const end = this.open(field);
    write();
    this.close(end);
  }

  /**
   * Begins a nested message whose length is not known yet, and returns what `close` needs.
   *
   * The length gets five bytes, padded: a legal varint, and nothing has to move when the length turns out.
   */
  open(field: number): number {
    this.tag(field, WIRE.bytes);
    this.out.reserve(5);
    this.out.length += 5;
    return this.out.length;
  }

  close(start: number): void {
    let rest = this.out.length - start;
    for (let at = start - 5; at < start - 1; at++) {
      this.out.bytes[at] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.out.bytes[start - 1] = rest;
  }

  tag(field: number, wire: number): void {
    this.out.varint(field * 8 + wire);
  }

  /** A copy of everything written. */
  finish(): Uint8Array {
    return Uint8Array.from(this.out.view());
  }
}
