import type { SpanEvent, SpansSearchResponse } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { exportSpans, MOST_ROWS } from './export-spans.ts';

function span(n: number): SpanEvent {
  return {
    id: `${n}`,
    type: 'spans',
    attributes: {
      attributes: { 'cart.note': 'a, "b"' },
      custom: { duration: n, function: 'f', version: '1', http_method: 'GET', http_status: 200 },
      start_timestamp: '2026-11-17T10:42:07Z',
      resource_name: '=1+1',
      trace_id: 't',
      span_id: `s${n}`,
    } as unknown as SpanEvent['attributes'],
  };
}

function pages(sizes: readonly number[]): {
  readonly asked: [string | undefined, number][];
  readonly page: (cursor: string | undefined, limit: number) => Promise<SpansSearchResponse>;
} {
  const asked: [string | undefined, number][] = [];
  return {
    asked,
    page: (cursor, limit) => {
      const index = asked.push([cursor, limit]) - 1;
      const last = index === sizes.length - 1;
      return Promise.resolve({
        data: Array.from({ length: sizes[index]! }, (_, i) => span(i)),
        links: {},
        meta: { page: last ? {} : { after: `c${index}` } },
      } as unknown as SpansSearchResponse);
    },
  };
}

test('CSV has the chosen columns and the ids, and follows the cursor', async () => {
  const { asked, page } = pages([2, 1]);
  const seen: number[] = [];
  const { parts, rows, truncated } = await exportSpans(
    'csv',
    ['time', 'resource', 'duration', 'http', '@cart.note', 'trace'],
    { page, onRows: (count) => seen.push(count) },
  );
  expect(parts.join('')).toBe(
    [
      'start,resource,duration_ns,http_method,http_status,cart.note,trace_id,span_id',
      `2026-11-17T10:42:07Z,'=1+1,0,GET,200,"a, ""b""",t,s0`,
      `2026-11-17T10:42:07Z,'=1+1,1,GET,200,"a, ""b""",t,s1`,
      `2026-11-17T10:42:07Z,'=1+1,0,GET,200,"a, ""b""",t,s0`,
      '',
    ].join('\r\n'),
  );
  expect({ rows, truncated, seen, asked }).toEqual({
    rows: 3,
    truncated: false,
    seen: [2, 3],
    asked: [
      [undefined, 1000],
      ['c0', 1000],
    ],
  });
});

test('JSON is one array over all pages', async () => {
  const { parts } = await exportSpans('json', [], {
    page: pages([2, 2]).page,
    onRows: () => undefined,
  });
  expect((JSON.parse(parts.join('')) as { span_id: string }[]).map((row) => row.span_id)).toEqual([
    's0',
    's1',
    's0',
    's1',
  ]);
});

test('an export of nothing is still a file, and one of too much says so', async () => {
  const none = await exportSpans('json', [], { page: pages([0]).page, onRows: () => undefined });
  expect(JSON.parse(none.parts.join(''))).toEqual([]);
  const many = await exportSpans('csv', ['time'], {
    page: pages(Array.from({ length: 200 }, () => 1000)).page,
    onRows: () => undefined,
  });
  expect([many.rows, many.truncated]).toEqual([MOST_ROWS, true]);
});
