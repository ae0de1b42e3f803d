import { closeSync, openSync, readSync } from 'node:fs';
import { builtin } from '../builtin.ts';

const pool = Buffer.alloc(1024);
let used = pool.length;

/** A random id of 63 bits, never zero. Filling a pool costs a tenth of asking for each id. */
export function randomId(): bigint {
  if (used === pool.length) {
    fillPool();
    used = 0;
  }
  const id = pool.readBigUInt64BE(used) & 0x7fff_ffff_ffff_ffffn;
  used += 8;
  return id || 1n;
}

/** 16 random bytes as the text of a UUID. */
export function randomUuid(): string {
  const text = (randomId().toString(16) + randomId().toString(16)).padEnd(32, '0').slice(0, 32);
  return text.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

/** The system's own source: loading Node's `crypto` takes milliseconds, which a cold start is billed for. */
function fillPool(): void {
  let file: number | undefined;
  try {
    file = openSync('/dev/urandom', 'r');
    if (readSync(file, pool) === pool.length) return;
  } catch {
    // No such device: below.
  } finally {
    if (file !== undefined) closeSync(file);
  }
  builtin<typeof import('node:crypto')>('crypto').randomFillSync(pool);
}
