/**
 * How long a batch takes to become a Native block, against the 1–2 µs that decoding a span takes. Prints bytes per row; ns per
 * row is the mean in ms × 100 for 10,000 rows. The block is checked for its size before anything is timed.
 */
import { SpanBatch } from '@spanloom/model';
import { bench, describe } from 'vitest';
import { serviceSpans } from '../bench-payloads.testing.ts';
import { appendSpans } from '../span-batch.testing.ts';
import { encodeSpanBlock } from './span-block.ts';

const ROWS = 10_000;
const batch = appendSpans(new SpanBatch(), serviceSpans(ROWS));
const block = encodeSpanBlock(batch, 1);
if (block.rows !== ROWS || block.bytes.length < batch.byteSize / 2) {
  throw new Error(`wrote ${block.rows} rows in ${block.bytes.length} bytes`);
}

describe(`${ROWS} rows, ${(block.bytes.length / ROWS).toFixed(0)} bytes/row`, () => {
  bench('encodeSpanBlock', () => {
    encodeSpanBlock(batch, 1);
  });
});
