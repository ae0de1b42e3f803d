import type { Hash } from 'node:crypto';
import { builtin } from './builtin.ts';

/** A SHA-256 under way. Node's `crypto` is loaded by the first one: few functions ever need it, and it takes milliseconds. */
export function sha256(): Hash {
  return builtin<typeof import('node:crypto')>('crypto').createHash('sha256');
}
