import { describe, expect, test } from 'vitest';
import {
  decodeDocuments,
  decodeSegment,
  segment,
  subsegment,
} from './segment-samples.test.support.ts';

const declined = { id: 'e000000000000001', type: 'Declined', message: 'card declined' };

describe('one failure has one place', () => {
  test('an exception that passed through three subsegments is shown where it was recorded', () => {
    const { spans } = decodeDocuments([
      segment({
        fault: true,
        cause: 'e000000000000001',
        subsegments: [
          subsegment({
            id: '1111111111111111',
            fault: true,
            cause: 'e000000000000001',
            subsegments: [
              subsegment({
                id: '2222222222222222',
                fault: true,
                cause: { exceptions: [declined] },
              }),
            ],
          }),
        ],
      }),
    ]);
    expect(spans.map(({ error }) => error)).toEqual([true, true, true]);
    expect(spans.map(({ meta }) => meta['error.type'])).toEqual([undefined, undefined, 'Declined']);
  });

  test('an exception caused by one from below points there and keeps itself in the list', () => {
    const outer = { id: 'e000000000000002', type: 'Outer', cause: 'e000000000000001' };
    const { spans } = decodeDocuments([
      segment({
        fault: true,
        cause: { exceptions: [outer] },
        subsegments: [subsegment({ fault: true, cause: { exceptions: [declined] } })],
      }),
    ]);
    expect(spans.map(({ error, meta }) => [error, meta['error.type']])).toEqual([
      [true, undefined],
      [true, 'Declined'],
    ]);
    expect(JSON.parse(spans[0]!.meta['xray.exceptions']!)).toEqual([outer]);
  });

  test('an exception in a subsegment that came by itself counts as below', () => {
    const { spans } = decodeDocuments([
      segment({ fault: true, cause: 'e000000000000001' }),
      segment({
        id: '1111111111111111',
        type: 'subsegment',
        parent_id: 'dd11223344556677',
        fault: true,
        cause: { exceptions: [declined] },
      }),
    ]);
    expect(spans.map(({ meta }) => meta['error.type'])).toEqual([undefined, 'Declined']);
  });

  test('a reference to what did not come says so', () => {
    const { error, meta } = decodeSegment({ cause: 'e00000000000000f' });
    expect(error).toBe(false);
    expect(meta['xray.cause.id']).toBe('e00000000000000f');
    expect(meta).not.toHaveProperty('error.type');
  });
});

describe('without flags', () => {
  test('an exception is an error, recorded here or elsewhere', () => {
    expect(decodeSegment({ cause: { exceptions: [declined] } }).error).toBe(true);
    const { spans } = decodeDocuments([
      segment({
        cause: 'e000000000000001',
        subsegments: [subsegment({ cause: { exceptions: [declined] } })],
      }),
    ]);
    expect(spans.map(({ error }) => error)).toEqual([true, true]);
  });

  test('a sender that says it was none is believed', () => {
    const fields = {
      fault: false,
      error: false,
      throttle: false,
      cause: { exceptions: [declined] },
    };
    expect(decodeSegment(fields).error).toBe(false);
    expect(decodeSegment({ error: true, cause: { exceptions: [declined] } }).error).toBe(false);
  });
});

const chain = (length: number): unknown[] =>
  Array.from({ length }, (_, index) => ({
    id: `e${index.toString(16).padStart(15, '0')}`,
    type: `T${index}`,
    cause: `e${(index + 1).toString(16).padStart(15, '0')}`,
  }));

const typeOf = (length: number): string | undefined =>
  decodeSegment({ fault: true, cause: { exceptions: chain(length) } }).meta['error.type'];

describe('chains', () => {
  test('are followed to their end, and at most sixteen steps', () => {
    expect(typeOf(3)).toBe('T2');
    expect(typeOf(16)).toBe('T15');
    expect(typeOf(17)).toBe('T15');
  });

  test('an exception that caused itself ends at once', () => {
    const exceptions = [{ ...declined, cause: declined.id }];
    expect(decodeSegment({ cause: { exceptions } }).meta['error.type']).toBe('Declined');
  });
});

test('a frame without line, path and label is a frame', () => {
  const exceptions = [
    { ...declined, stack: [{ line: null }, { path: 'a.js', line: 'NaN', label: '' }, {}] },
  ];
  expect(decodeSegment({ cause: { exceptions } }).meta['error.stack']).toBe(
    'Declined: card declined\n    at ?:?\n    at a.js:NaN\n    at ?:?',
  );
});
