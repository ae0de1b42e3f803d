import { expect, test } from 'vitest';
import { parseQuery, type Query } from './parse-query.ts';
import { describeProblem, type Hint, type Problem } from './problem.ts';

const NOW = 1_767_225_600_000_000_000n; // 2026-01-01T00:00:00Z

function query(text: string, knownKeys: readonly string[] = []): Query {
  const result = parseQuery(text, { now: NOW, knownKeys });
  if (!result.ok) throw new Error(describeProblem(text, result.problem));
  return result.query;
}

function hints(text: string, knownKeys: readonly string[] = []): readonly Hint[] {
  const result = parseQuery(text, { now: NOW, knownKeys });
  if (!result.ok) throw new Error(describeProblem(text, result.problem));
  return result.hints;
}

function problem(text: string): Problem {
  const result = parseQuery(text, { now: NOW });
  if (result.ok) throw new Error(`Expected a problem in ${text}`);
  return result.problem;
}

const PROBLEMS: readonly (readonly [
  text: string,
  start: number,
  end: number,
  message: string,
  suggestion?: string,
])[] = [
  ['service:', 8, 8, 'Expected a value right after service: (for any value write service:*)', '*'],
  [
    'service: web',
    8,
    8,
    'Expected a value right after service: (for any value write service:*)',
    '*',
  ],
  ['a AND', 5, 5, 'Expected a term after AND'],
  ['AND a', 0, 3, 'Expected a term before AND; to search for the word itself, quote it', '"AND"'],
  ['a OR OR b', 5, 7, 'Expected a term before OR; to search for the word itself, quote it', '"OR"'],
  ['(a b', 0, 1, 'This parenthesis is not closed'],
  ['a b)', 3, 4, 'This closing parenthesis has no opening one', ''],
  ['()', 1, 1, 'Expected a term between the parentheses'],
  ['NOT NOT a', 4, 7, 'A term can be negated once; use parentheses to negate a negation', ''],
  [
    '"a b',
    0,
    4,
    'This quote is not closed; to search for the character itself, escape it as \\"',
    '"a b"',
  ],
  [
    '@m:~"a',
    3,
    6,
    'This quote is not closed; to search for the character itself, escape it as \\"',
    '~"a"',
  ],
  [
    '@m:~a.b',
    3,
    7,
    'Expected a quoted pattern after ~; to search for the character itself, escape it as \\~',
    '~"a.b"',
  ],
  ['@m:~"(a"', 3, 8, 'Cannot use this pattern: unterminated group'],
  [
    '@m:~"(?=a)"',
    3,
    11,
    'Cannot use this pattern: look-ahead and look-behind are not supported; combine two terms instead',
  ],
  ['env:(prod', 4, 9, 'This list is not closed', '(prod)'],
  ['env:()', 5, 6, 'Expected at least one value in the list'],
  [
    'env:(a OR b AND c)',
    12,
    15,
    'A list joins all its values by OR or all by AND; use two terms for a mixture',
  ],
  ['@n:[1 5]', 6, 7, 'Expected TO between the bounds of the range, as in [400 TO 499]'],
  ['@n:[1 to 5]', 6, 8, 'Expected TO between the bounds of the range, as in [400 TO 499]', 'TO'],
  ['@n:[1 TO]', 8, 9, 'Expected a bound after TO; write * for an open end', '*]'],
  ['@n:[1 TO 5', 3, 10, 'This range is not closed', '[1 TO 5]'],
  ['@n:[* TO *]', 3, 11, 'A range that is open at both ends matches any value; write @n:*', '*'],
  [
    '>5',
    0,
    1,
    'Found > without a key: write a key and a colon in front, as in @duration:>1s, or escape it to search for the character itself',
    '\\>',
  ],
  [':x', 0, 0, 'Expected a key before the colon'],
  [
    '@http*:x',
    0,
    6,
    'A key cannot have wildcards: to search every attribute write *:text, to mean the character escape it',
    '@http\\*',
  ],
  ['web(prod)', 3, 4, 'Found ( inside a word: put a space before it, or escape it', '\\('],
  ['a\\', 1, 2, 'Nothing follows this backslash; to search for a backslash write \\\\', '\\\\'],
  ['LEN(@k)', 7, 7, 'Expected a colon and a value after LEN(@k), as in LEN(@k):>0'],
  [
    'CIDR(@ip)',
    8,
    9,
    'Expected a network inside CIDR(…), as in CIDR(@network.client.ip, 10.0.0.0/8)',
  ],
  [
    'CIDR(@ip, 10.0.0.0/33)',
    10,
    21,
    'Cannot read "10.0.0.0/33" as a network: write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32',
  ],
  [
    '@duration:>abc',
    11,
    14,
    'Cannot read "abc" as a duration for @duration: write a number with a unit (ns, us, ms, s, m, h, d), such as 250ms or 1m30s',
  ],
  [
    '@duration:>5sec',
    11,
    15,
    'Cannot read "5sec" as a duration for @duration: write a number with a unit (ns, us, ms, s, m, h, d), such as 250ms or 1m30s',
    '5s',
  ],
  [
    'duration:4kb',
    9,
    12,
    'Cannot read "4kb" as a duration for duration: write a number with a unit (ns, us, ms, s, m, h, d), such as 250ms or 1m30s',
  ],
  [
    '@retries:>many',
    10,
    14,
    'Cannot compare @retries with "many": write a number, which can have a unit such as 250ms, 4kb or 50%; to match text write @retries:value',
  ],
  ['@wait_ms:>4kb', 10, 13, 'Cannot compare @wait_ms with 4kb: by its name it is a time in ms'],
  [
    'service:>web',
    8,
    12,
    'service is text and cannot be compared by size; write service:value or use a wildcard',
  ],
  ['status:>1', 7, 9, 'status cannot be compared by size; write status:error', 'error'],
  ['status:eror', 7, 11, 'Cannot read "eror" for status: it can be error, ok', 'error'],
  [
    'kind:sever',
    5,
    10,
    'Cannot read "sever" for kind: it can be unspecified, internal, server, client, producer, consumer',
    'server',
  ],
  ['root:maybe', 5, 10, 'Cannot read "maybe" for root: write true or false', 'true'],
  [
    'trace_id:xyz',
    9,
    12,
    'Cannot read "xyz" as a trace id: write 16 or 32 hex digits, an unsigned decimal number, a traceparent, or an X-Ray id such as 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
  ],
  [
    'span_id:12ab',
    8,
    12,
    'Cannot read "12ab" as a span id for span_id: write 16 hex digits or an unsigned decimal number',
  ],
  [
    '@http.status_code:abc',
    18,
    21,
    'Cannot read "abc" as a number for @http.status_code: write a number such as 404, a range such as [400 TO 499] or a wildcard such as 4*',
  ],
  [
    'start:>yesterday',
    7,
    16,
    'Cannot read "yesterday" as a time for start: write a date such as 2026-01-31T12:00:00Z, or now-5m',
  ],
];

test.each(PROBLEMS.map((row) => ({ row, text: row[0] })))(
  'parseQuery() explains $text',
  ({ row }) => {
    const [text, start, end, message, suggestion] = row;
    expect(problem(text)).toEqual({
      message,
      start,
      end,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  },
);

test('parseQuery() refuses a query that is too long or nested too deep', () => {
  expect(parseQuery('a'.repeat(20_000)).ok).toBe(true);
  expect(problem('a'.repeat(20_001)).message).toBe(
    'A query can be 20000 characters long; this one has 20001',
  );
  expect(parseQuery(`${'('.repeat(100)}a${')'.repeat(100)}`).ok).toBe(true);
  expect(problem(`${'('.repeat(101)}a${')'.repeat(101)}`).message).toBe(
    'Parentheses are nested more than 100 deep',
  );
});

test('parseQuery() needs to be told what now means', () => {
  const result = parseQuery('start:>now-5m');
  expect(result.ok ? undefined : result.problem.message).toBe(
    'A time relative to now cannot be used here; write a date such as 2026-01-31T12:00:00Z',
  );
});

const HINTS: readonly (readonly [text: string, message: string, suggestion?: string])[] = [
  ['a and b', '"and" is searched for as text; write AND to join terms', 'AND'],
  ['a || b', '"||" is searched for as text; write OR to join terms', 'OR'],
  [
    '@user.id',
    '"@user.id" is searched for as text; to find spans that have the attribute write @user.id:*',
    '@user.id:*',
  ],
  [
    'user.id=7',
    '"user.id=7" is searched for as text; a key and its value are joined by a colon',
    'user.id:7',
  ],
  ['Service:web', 'Keys are case-sensitive; read as service', 'service'],
  [
    'servce:web',
    'servce is not a reserved key and is read as a tag; did you mean service?',
    'service',
  ],
  [
    'duration:>250',
    '250 without a unit is read as nanoseconds; other units are us, ms, s, m, h, d',
    '250ms',
  ],
  ['@wait:>1s', 'The name @wait does not tell its unit; 1s is read as 1000000000 nanoseconds'],
  [
    'error:true',
    'This searches for an attribute named error; failed spans are status:error',
    'status:error',
  ],
];

test.each(HINTS.map((row) => ({ row, text: row[0] })))('parseQuery() hints at $text', ({ row }) => {
  const [text, message, suggestion] = row;
  const [hint] = hints(text);
  expect(hint?.message).toBe(message);
  expect(hint?.suggestion).toBe(suggestion);
});

test.each(['"and" b', 'a AND b', 'team:x', 'duration:>250ms', '@wait_ms:>1s', '@duration:>0'])(
  'parseQuery() has no hint for %j',
  (text) => {
    expect(hints(text)).toEqual([]);
  },
);

test('parseQuery() falls back to a known key in another case', () => {
  expect(query('@User.ID:7', ['user.id']).predicate).toMatchObject({
    kind: 'attribute',
    key: 'user.id',
  });
  expect(hints('@User.ID:7', ['user.id'])[0]?.suggestion).toBe('@user.id');
  expect(query('@User.ID:7', ['user.id', 'User.ID']).predicate).toMatchObject({ key: 'User.ID' });
});

test.each([
  ['trace_id:1', true],
  ['trace_id:1 service:web', true],
  ['trace_id:(1 OR 2)', true],
  ['trace_id:1 OR service:web', false],
  ['-trace_id:1', false],
  ['service:web', false],
])('parseQuery() knows whether %j ignores the time range: %j', (text, expected) => {
  expect(query(text).ignoresTimeRange).toBe(expected);
});

const TRACE = { kind: 'trace', id: { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n } };
test.each([
  'trace_id:66f2a1c48f3b0c5e9a7d4b21e6c8f013',
  'trace_id:66F2A1C48F3B0C5E9A7D4B21E6C8F013',
  'trace_id:1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
  'trace_id:00-66f2a1c48f3b0c5e9a7d4b21e6c8f013-2b3c4d5e6f708192-01',
  'trace_id:"Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=2b3c4d5e6f708192;Sampled=1"',
  'trace_id:" 66f2a1c48f3b0c5e9a7d4b21e6c8f013 "',
])('parseQuery() reads the trace id in %s', (text) => {
  expect(query(text).predicate).toEqual(TRACE);
});

test.each([
  ['duration:>1.1s', { min: 1_100_000_001n }],
  ['duration:>=1.1s', { min: 1_100_000_000n }],
  ['duration:<1ns', { max: 0n }],
  ['duration:[100ms TO 2s}', { min: 100_000_000n, max: 1_999_999_999n }],
  ['@duration:1m30s', { min: 90_000_000_000n, max: 90_000_000_000n }],
  ['duration:<=0.5µs', { max: 500n }],
])('parseQuery() converts %s to nanoseconds', (text, bounds) => {
  expect(query(text).predicate).toEqual({ kind: 'integer', field: 'duration', ...bounds });
});

test.each([
  ['start:>=2026-01-01', 1_767_225_600_000_000_000n],
  ['start:>=2026-01-01T00:00:00.000000001Z', 1_767_225_600_000_000_001n],
  ['start:>=2026-01-01T02:00:00+02:00', 1_767_225_600_000_000_000n],
  ['start:>=now', 1_767_225_600_000_000_000n],
  ['start:>=now-1h', 1_767_222_000_000_000_000n],
  ['timestamp:>=1767225600', 1_767_225_600_000_000_000n],
  ['timestamp:>=1767225600123', 1_767_225_600_123_000_000n],
])('parseQuery() reads the time in %s', (text, min) => {
  expect(query(text).predicate).toEqual({ kind: 'integer', field: 'start', min });
});

test('parseQuery() converts literals to the unit that a measure has by its name', () => {
  expect(query('@wait_ms:>1.5s').predicate).toEqual({
    kind: 'attribute',
    key: 'wait_ms',
    test: { kind: 'between', low: { value: 1500, inclusive: false } },
  });
  expect(query('@payload_bytes:<=1.5kib').predicate).toMatchObject({
    test: { high: { value: 1536, inclusive: true } },
  });
});

test('parseQuery() gives a query with no way to match the predicate nothing', () => {
  expect(query('duration:<0').predicate).toEqual({ kind: 'nothing' });
  expect(query('duration:[2s TO 1s]').predicate).toEqual({ kind: 'nothing' });
  expect(query('duration:>=0').predicate).toEqual({ kind: 'everything' });
});

test('describeProblem() points at the place', () => {
  expect(describeProblem('a duration:>x', problem('a duration:>x'))).toBe(
    [
      'Cannot read "x" as a duration for duration: write a number with a unit (ns, us, ms, s, m, h, d), such as 250ms or 1m30s (at character 13)',
      '  a duration:>x',
      '              ^',
    ].join('\n'),
  );
});
