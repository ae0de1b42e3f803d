import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Span } from '@spanloom/model';
import { type Decoded, decode } from '../sample-spans.test.support.ts';

const FIXTURES = fileURLToPath(new URL('../../../../fixtures/xray-segments/', import.meta.url));

/** A document of `fixtures/xray-segments`, byte for byte. */
export function fixture(name: string): Buffer {
  return readFileSync(`${FIXTURES}${name}.json`);
}

/** Decodes a body of documents. */
export function decodeBody(body: Uint8Array | string): Decoded {
  return decode('xray-segment-json', typeof body === 'string' ? Buffer.from(body, 'utf8') : body);
}

/** Decodes documents of one trace, together. */
export function decodeDocuments(documents: readonly unknown[]): Decoded {
  return decodeBody(JSON.stringify(documents));
}

/** A segment that breaks no rule. */
export function segment(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'checkout',
    id: 'dd11223344556677',
    trace_id: '1-66f2a1c4-cc33dd44ee55ff6600112233',
    start_time: 1727177156.25,
    end_time: 1727177156.75,
    ...fields,
  };
}

/** A subsegment to put into one. */
export function subsegment(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'work',
    id: 'ff33445566778899',
    start_time: 1727177156.3,
    end_time: 1727177156.4,
    ...fields,
  };
}

/** The span of one segment. */
export function decodeSegment(fields: Record<string, unknown>): Span {
  return decodeBody(JSON.stringify(segment(fields))).spans[0]!;
}

/** The span of one subsegment within a segment. */
export function decodeSubsegment(
  fields: Record<string, unknown>,
  around: Record<string, unknown> = {},
): Span {
  const body = segment({ ...around, subsegments: [subsegment(fields)] });
  return decodeBody(JSON.stringify(body)).spans[1]!;
}
